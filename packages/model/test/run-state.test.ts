import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canRunMove, fromAirflowRunState, isTerminalRunState, RUN_STATES, TERMINAL_RUN_STATES } from "../src/index.ts";

const anyState = fc.constantFrom(...RUN_STATES);

describe("run states", () => {
  test("every state may be read again unchanged", () => {
    for (const state of RUN_STATES) expect(canRunMove(state, state)).toBe(true);
  });

  test("an unfinished run may become anything", () => {
    fc.assert(fc.property(anyState, (to) => canRunMove("queued", to) && canRunMove("running", to)));
  });

  test("every finished run may be queued or running again, because a clear reuses its run id", () => {
    for (const from of TERMINAL_RUN_STATES) {
      expect(canRunMove(from, "queued")).toBe(true);
      expect(canRunMove(from, "running")).toBe(true);
    }
  });

  test("what we cancelled does not turn into the failed that Airflow says of it", () => {
    expect(canRunMove("cancelled", "failed")).toBe(false);
  });

  test("a success is never lost afterwards", () => {
    expect(canRunMove("success", "lost")).toBe(false);
    expect(canRunMove("failed", "lost")).toBe(false);
  });

  test("any word of Airflow becomes one of ours, and an unknown one is not terminal", () => {
    fc.assert(
      fc.property(fc.string(), (word) => {
        const state = fromAirflowRunState(word);
        return RUN_STATES.includes(state) && (!isTerminalRunState(state) || word === state);
      }),
    );
  });
});

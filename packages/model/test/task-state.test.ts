import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromAirflowTaskState, isTerminalTaskState, TASK_STATES } from "../src/index.ts";

describe("task states", () => {
  test("Airflow's null is none, which is not an end", () => {
    expect(fromAirflowTaskState(null)).toBe("none");
    expect(isTerminalTaskState("none")).toBe(false);
  });

  test("Airflow's own words are kept", () => {
    for (const state of TASK_STATES) expect(fromAirflowTaskState(state)).toBe(state);
  });

  test("a word of a newer release is not taken for an end", () => {
    fc.assert(
      fc.property(
        fc.string().filter((word) => !TASK_STATES.some((state) => state === word)),
        (word) => !isTerminalTaskState(fromAirflowTaskState(word)),
      ),
    );
  });

  test("a removed task counts as ended", () => {
    expect(isTerminalTaskState("removed")).toBe(true);
  });
});

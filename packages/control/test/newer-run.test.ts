import { array, assert, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { pickNewestRuns, runTime, toKnownRun } from "../src/poll/newer-run.ts";
import { aRun } from "./fake-instance.ts";
import { bePatient } from "./patience.ts";

bePatient();

const at = (hour: number): string => new Date(Date.UTC(2026, 10, 20, hour)).toISOString();

describe("the newest run of a DAG", () => {
  it("is the one that was due last, whichever was read first", () => {
    const readings = array(record({ id: integer({ min: 0, max: 9 }) }), { minLength: 1, maxLength: 20 });
    assert(
      property(readings, (ids) => {
        const runs = ids.map(({ id }) => aRun("d", `r${id}`, { runAfter: at(id) }));
        const newest = Math.max(...ids.map(({ id }) => id));
        expect(pickNewestRuns(runs, new Map()).get("d")?.runId).toBe(`r${newest}`);
      }),
    );
  });

  it("stays when an older run is cleared and starts anew", () => {
    const known = new Map([["d", { runId: "new", time: Date.parse(at(9)) }]]);
    const cleared = aRun("d", "old", { runAfter: at(3), startedAt: at(12) });
    expect(pickNewestRuns([cleared], known).size).toBe(0);
  });

  it("is taken again when it has moved on", () => {
    const known = new Map([["d", { runId: "new", time: Date.parse(at(9)) }]]);
    const finished = aRun("d", "new", { runAfter: at(9), state: "success" });
    expect(pickNewestRuns([finished], known).get("d")?.state).toBe("success");
  });

  it("is recognised after a restart, when only what the board shows is known", () => {
    const lastRun = {
      runId: aRun("d", "r").runId,
      state: "success",
      logicalDate: at(3),
      startedAt: at(4),
      endedAt: at(5),
    } as const;
    const known = new Map([["d", toKnownRun(lastRun)]]);
    expect(pickNewestRuns([aRun("d", "next", { runAfter: at(4) })], known).size).toBe(1);
    expect(pickNewestRuns([aRun("d", "before", { runAfter: at(2) })], known).size).toBe(0);
  });

  it("has a time even when the engine tells hardly any", () => {
    const bare = { runAfter: null, logicalDate: null };
    expect(runTime(aRun("d", "r", bare))).toBe(0);
    expect(runTime(aRun("d", "r", { ...bare, intervalEnd: at(3) }))).toBe(Date.parse(at(3)));
  });
});

import { TASK_STATES } from "@airfleet/model";
import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { findClearedTasks, readTaskMarks, type TaskMark, toMarkFacts } from "../src/actions/clear-evidence.ts";
import { bePatient } from "./patience.ts";

bePatient();

const mark = (taskId: string, state: TaskMark["state"], tryNumber = 1): TaskMark => ({
  taskId,
  mapIndex: -1,
  state,
  tryNumber,
});

const mapped = (mapIndex: number, state: TaskMark["state"]): TaskMark => ({ ...mark("m", state), mapIndex });

describe("what the tries tell about a clear whose answer was lost", () => {
  const before = [mark("a", "success"), mark("b", "failed"), mark("c", "upstream_failed", 0)];

  it("sees a task that waits or runs again", () => {
    expect(findClearedTasks(before, [mark("b", "none"), mark("c", "scheduled", 0)], undefined)).toHaveLength(2);
  });

  it("sees a task that has failed once more since", () => {
    expect(findClearedTasks(before, [mark("b", "failed", 2)], undefined)).toHaveLength(1);
  });

  it("takes nothing from tasks that stand as they stood, that were not asked for, or that are new", () => {
    expect(findClearedTasks(before, before, undefined)).toEqual([]);
    expect(findClearedTasks(before, [mark("b", "none")], ["a"])).toEqual([]);
    expect(findClearedTasks(before, [mark("d", "none")], undefined)).toEqual([]);
  });

  it("takes nothing from a task that ran all along: it may have ended by itself", () => {
    expect(findClearedTasks([mark("a", "running")], [mark("a", "success")], undefined)).toEqual([]);
    expect(findClearedTasks([mark("a", "up_for_retry")], [mark("a", "running", 2)], undefined)).toEqual([]);
  });

  it("tells mapped tasks apart", () => {
    const now = [mapped(0, "failed"), mapped(1, "queued")];
    expect(findClearedTasks([mapped(0, "failed"), mapped(1, "failed")], now, undefined)).toMatchObject([
      { mapIndex: 1 },
    ]);
  });

  it("reads back the marks that it wrote", () => {
    const marks = record({
      taskId: constantFrom("a", "b"),
      mapIndex: integer({ min: -1, max: 5 }),
      tryNumber: integer({ min: 0, max: 9 }),
      state: constantFrom(...TASK_STATES),
    });
    assert(
      property(array(marks), (all) => {
        expect(readTaskMarks({ tasks: all.map(toMarkFacts) })).toEqual(all);
      }),
    );
  });
});

import { type StoppedTask, toTaskId } from "@airfleet/model";
import type { StoredReportedTask } from "@airfleet/store";
import { expect, test } from "vitest";
import { endReport } from "../../src/stops/end-report.ts";

const task: StoppedTask = {
  taskId: toTaskId("load"),
  mapIndex: -1,
  tryNumber: 2,
  stateBefore: "running",
  hostname: "worker-1",
  pid: 4711,
  gone: null,
  lastSignAt: 0,
  isEnding: false,
  seenProcess: null,
  logLines: null,
};

const report: StoredReportedTask = {
  taskId: toTaskId("load"),
  tryNumber: 2,
  mapIndex: null,
  state: "failed",
  startedAt: null,
  endedAt: null,
  hostname: "worker-1",
  pid: 4711,
  processEnds: true,
  receivedAt: 1_000,
};

test("the last report of the try's own process is evidence", () => {
  expect(endReport([report], task)).toBe(1_000);
  expect(endReport([{ ...report, hostname: null }], task)).toBe(1_000);
  expect(endReport([report], { ...task, pid: null, hostname: null })).toBe(1_000);
});

test.each([
  ["of another process", { pid: 4712 }],
  ["of a process that does not say which", { pid: null }],
  ["of another host", { hostname: "worker-2" }],
  ["of a process that goes on", { processEnds: false }],
  ["of a task at work", { state: "running" as const }],
  ["of another try", { tryNumber: 1 }],
  ["of another mapped task", { mapIndex: 3 }],
  ["of another task", { taskId: toTaskId("extract") }],
])("a report %s is none", (_what, changes) => {
  expect(endReport([{ ...report, ...changes }], task)).toBeNull();
});

import { isAirfleetError } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { readNativeReport } from "../../src/report-sources/read-native-report.ts";

const report = {
  version: 1,
  event_id: "01jd6q4c9n3v",
  instance: "eu-1",
  dag_id: "orders",
  dag_run_id: "manual__1",
  sent_at: "2026-11-20T04:04:05.120+01:00",
};

const refusalOf = (item: unknown): string => {
  try {
    readNativeReport(item);
  } catch (error) {
    if (isAirfleetError(error, "REPORT_INVALID")) return error.message;
    throw error;
  }
  return "none";
};

describe("a report in our own format", () => {
  test("tells of a run", () => {
    const run = {
      state: "success",
      logical_date: "2026-11-20T03:00:00.123456+00:00",
      run_type: "manual",
      conf: { day: 1 },
    };
    expect(readNativeReport({ ...report, run, results: null })).toMatchObject({
      format: "native",
      eventId: "01jd6q4c9n3v",
      dagId: "orders",
      runId: "manual__1",
      runState: "success",
      logicalDate: "2026-11-20T03:00:00.123456Z",
      conf: { day: 1 },
      task: null,
      details: { results: null },
      sentAt: Date.parse("2026-11-20T03:04:05.120Z"),
    });
  });

  test("tells of a task, whose run goes on", () => {
    const task = {
      task_id: "load",
      try_number: 2,
      map_index: 3,
      state: "failed",
      started_at: "2026-11-20T03:00:00Z",
      ended_at: null,
      hostname: "worker-1",
      pid: 4_711,
      process_ends: true,
    };
    const error = { category: "task", message: "boom" };
    expect(readNativeReport({ ...report, task, error, progress: { percent: 50, title: "half" } })).toMatchObject({
      runState: "running",
      task: {
        taskId: "load",
        tryNumber: 2,
        mapIndex: 3,
        state: "failed",
        startedAt: "2026-11-20T03:00:00Z",
        endedAt: null,
        hostname: "worker-1",
        pid: 4_711,
        processEnds: true,
      },
      details: { progress: 50, title: "half", error },
    });
    expect(readNativeReport({ ...report, task: { task_id: "a", try_number: 1, state: "skipped" } })).toMatchObject({
      runState: null,
      task: { mapIndex: null, processEnds: false },
      details: {},
    });
  });

  test.each([
    [{ ...report, version: 2 }, "version"],
    [{ ...report, event_id: "short" }, "event_id"],
    [{ ...report, sent_at: "2026-11-20 03:00:00" }, "sent_at"],
    [{ ...report, surprise: 1 }, "surprise"],
    [{ ...report, run: { state: "shining" } }, "run.state"],
    [{ ...report, task: { task_id: "t", try_number: 1, state: "done" } }, "task.state"],
    [{ ...report, dag_id: "" }, "dag_id"],
    [null, "expected object"],
    ["text", "expected object"],
  ])("%j is refused", (item, place) => {
    expect(refusalOf(item)).toContain(place);
  });
});

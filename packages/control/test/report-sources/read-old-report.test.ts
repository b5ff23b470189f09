import { isAirfleetError } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { readOldReport } from "../../src/report-sources/read-old-report.ts";

const read = (path: string, claims: unknown, timeZone = "UTC") => readOldReport({ path, claims, timeZone });

const refusalOf = (path: string, claims: unknown): string => {
  try {
    read(path, claims);
  } catch (error) {
    if (isAirfleetError(error, "REPORT_FORMAT_UNKNOWN")) return error.message;
    throw error;
  }
  return "none";
};

/** As cwl-airflow-parser of 2018 posts it when a run has ended. */
const snapshot = {
  dag_id: "bam-bedgraph-bigwig",
  run_id: "run_1",
  execution_date: "2018-12-10 19:12:51",
  start_date: "2018-12-10 19:12:51",
  end_date: "2018-12-10 19:15:02",
  state: "success",
  title: "success",
  progress: 100,
  error: "",
  tasks: [
    {
      task_id: "CWLJobDispatcher",
      start_date: "2018-12-10 19:12:55",
      end_date: "2018-12-10 19:12:59",
      state: "success",
      try_number: 1,
      max_tries: 1,
    },
    { task_id: "sorted_bam", start_date: null, end_date: null, state: null, try_number: 0, max_tries: 1 },
  ],
  results: { bigwig_file: { class: "File", location: "file:///data/out.bigWig", basename: "out.bigWig" } },
};

describe("the snapshot of a whole run (G0)", () => {
  test("tells the run, each of its tasks and the results", () => {
    expect(read("/reports/eu-1/satellite/v1/status", snapshot)).toMatchObject({
      format: "g0",
      eventId: null,
      sentAt: null,
      dagId: "bam-bedgraph-bigwig",
      runId: "run_1",
      runState: "success",
      logicalDate: "2018-12-10T19:12:51Z",
      task: null,
      otherTasks: [
        {
          taskId: "CWLJobDispatcher",
          tryNumber: 1,
          mapIndex: null,
          state: "success",
          startedAt: "2018-12-10T19:12:55Z",
          endedAt: "2018-12-10T19:12:59Z",
          hostname: null,
        },
        { taskId: "sorted_bam", tryNumber: 0, state: "none", startedAt: null, endedAt: null },
      ],
      details: { title: "success", progress: 100, results: snapshot.results },
    });
  });

  test("has no results and no error while it runs, and says what failed when it does", () => {
    const { results: _results, title: _title, progress: _progress, error: _error, ...first } = snapshot;
    expect(read("/status", { ...first, state: "running" }).details).toEqual({});
    expect(read("/status", { ...first, state: "failed", error: "task_failure" }).details).toEqual({
      error: { category: null, message: "task_failure" },
    });
  });

  test.each([
    ["UTC", "2018-12-10 19:12:51", "2018-12-10T19:12:51Z"],
    ["Europe/Paris", "2018-12-10 19:12:51", "2018-12-10T18:12:51Z"],
    ["Europe/Paris", "2018-07-10 19:12:51", "2018-07-10T17:12:51Z"],
    ["America/New_York", "2018-12-10 19:12:51", "2018-12-11T00:12:51Z"],
    // Twice on the clock: the first counts. Skipped by the clock: the next that there is.
    ["Europe/Paris", "2018-10-28 02:30:00", "2018-10-28T00:30:00Z"],
    ["Europe/Paris", "2018-03-25 02:30:00", "2018-03-25T01:30:00Z"],
    ["Europe/Paris", "2018-12-10T19:12:51.123456+00:00", "2018-12-10T19:12:51.123456Z"],
    ["UTC", "2018-12-10 21:12:51+02:00", "2018-12-10T19:12:51Z"],
    ["UTC", "yesterday", null],
    ["UTC", "2018-13-40 99:99:99", null],
    ["UTC", 1_544_469_171, null],
  ])("reads in the zone %s the date %s as %s", (timeZone, written, expected) => {
    const said = read("/status", { ...snapshot, execution_date: written }, timeZone);
    expect(said.logicalDate).toBe(expected);
  });
});

describe("progress, status and results apart (G1)", () => {
  const run = { dag_id: "chipseq", run_id: "r 1" };

  test("progress moves the run, and carries how far it is", () => {
    expect(read("/satellite/v1/progress", { ...run, state: "running", progress: 33, error: "" })).toMatchObject({
      format: "g1",
      runState: "running",
      task: null,
      otherTasks: [],
      details: { progress: 33 },
    });
    expect(read("/progress", { ...run, state: "failed", progress: 120, error: "task_failure" }).details).toEqual({
      progress: 100,
      error: { category: null, message: "task_failure" },
    });
  });

  test.each([
    ["running", "running", "running"],
    ["success", "success", "running"],
    ["up_for_retry", "up_for_retry", "running"],
    ["upstream_failed", "upstream_failed", null],
    [null, "none", null],
    ["shutdown", "running", "running"],
  ])("a task that is %s is %s, and its run %s", (state, taskState, runState) => {
    expect(read("/x/status", { ...run, state, task_id: "align" })).toMatchObject({
      format: "g1",
      runState,
      task: { taskId: "align", state: taskState, tryNumber: null, processEnds: false },
      details: {},
    });
  });

  test("results say nothing of the state", () => {
    const results = { out: [1, "two", null] };
    expect(read("/x/results", { ...run, results })).toMatchObject({ runState: null, details: { results } });
    expect(read("/x/results", { ...run, results: "" }).details).toEqual({});
  });
});

describe("the newest (G2)", () => {
  const run = { dag_id: "chipseq", run_id: "r1", state: "failed", progress: 50 };

  test("has statistics and logs with its progress", () => {
    const statistics = { version: "1.0", total: { tmp_folder_size: 12 }, steps: {} };
    const logs = { failed_steps: { align: { cwl: "/logs/align" } }, previous_steps: {} };
    expect(read("/airflow/progress", { ...run, error: "", statistics, logs })).toMatchObject({
      format: "g2",
      runState: "failed",
      details: { progress: 50, statistics, logs },
    });
    expect(read("/airflow/progress", { ...run, error: "", statistics: "", logs: "" }).details).toEqual({
      progress: 50,
    });
    expect(read("/airflow/results", { dag_id: "d", run_id: "r", results: 1 }).format).toBe("g2");
  });

  test.each([
    ["docker: Cannot connect to the Docker daemon. Is it running?", "docker"],
    ["You have reached your pull rate limit", "pull_limit"],
    ["Docker pull limit reached. Contact support", "pull_limit"],
    ["Failed to resolve host: network is down", "network"],
    ["The workflow was stopped by its user", "stopped"],
    ["Workflow step(s) align, sort failed. Ask for help", "task"],
    ["Unknown error. Ask for help", null],
  ])("the error %s is of the kind %s", (message, category) => {
    expect(read("/airflow/progress", { ...run, error: message }).details.error).toEqual({ category, message });
  });
});

describe("what is none of them", () => {
  const run = { dag_id: "d", run_id: "r" };
  test.each([
    ["/x/other", { ...run, state: "running" }, 'ends in "other"'],
    ["/", { ...run, state: "running" }, 'ends in ""'],
    ["/status", { ...run, state: "running" }, 'no "task_id"'],
    ["/status", { ...run, task_id: "t", state: "flying" }, "none of Airflow's words"],
    ["/status", { ...run, task_id: "t", state: 3 }, "none of Airflow's words"],
    ["/progress", { ...run, state: "done", progress: 1 }, '"state" is none'],
    ["/progress", { dag_id: "d", state: "running", progress: 1 }, '"run_id" is no text'],
    ["/progress", { ...run, dag_id: "", state: "running" }, '"dag_id" is no text'],
    ["/progress", { ...run, run_id: "r".repeat(251), state: "running" }, '"run_id" is no text'],
    ["/status", { ...snapshot, tasks: [null] }, 'no "task_id"'],
    ["/status", null, "no object"],
    ["/status", [snapshot], "no object"],
    ["/status", "text", "no object"],
  ])("%s with %j is refused", (path, claims, reason) => {
    expect(refusalOf(path, claims)).toContain(reason);
  });
});

test("the same words have the same hash, others another one", () => {
  const { contentHash, message, isCut } = read("/status", snapshot);
  expect(read("/satellite/v1/status", { ...snapshot })).toMatchObject({ contentHash, message, isCut: false });
  expect(read("/status", { ...snapshot, progress: 99 }).contentHash).not.toBe(contentHash);
  const long = read("/status", { ...snapshot, results: "x".repeat(100_000) });
  expect([isCut, long.isCut, long.message.length]).toEqual([false, true, 65_536]);
});

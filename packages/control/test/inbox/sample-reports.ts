import { createHash } from "node:crypto";
import { type RunReport, type TaskState, toDagId, toInstanceId, toRunId, toTaskId } from "@airfleet/model";
import { runKeyOf } from "@airfleet/store";
import { createReportApplier, type ReportApplier } from "../../src/inbox/apply-reports.ts";
import { createReportIntake, type ReportIntake } from "../../src/inbox/report-intake.ts";
import { createRunTracker } from "../../src/runs/run-tracker.ts";
import { createRedactor } from "../../src/audit/redact-secrets.ts";
import { systemClock } from "../../src/clock.ts";
import { type Logger, silentLogger } from "../../src/logger.ts";
import type { Store } from "@airfleet/store";

/** The run that the tests' reports are about. */
export const place = { instance: toInstanceId("eu"), dagId: toDagId("orders"), runId: toRunId("r1") };
export const key = runKeyOf(place);

let count = 0;

/** A report in our own format, each with an id of its own. */
export const aReport = (changes: Partial<RunReport> = {}): RunReport => {
  count += 1;
  const message = JSON.stringify({ report: count });
  return {
    format: "native",
    eventId: `event-${count}`,
    contentHash: createHash("sha256").update(message).digest("base64url"),
    dagId: place.dagId,
    runId: place.runId,
    runState: "running",
    logicalDate: null,
    conf: null,
    task: null,
    otherTasks: [],
    details: {},
    sentAt: null,
    message,
    isCut: false,
    ...changes,
  };
};

/** One of cwl-airflow's: without an id, told from others by its content. */
export const anOldReport = (changes: Partial<RunReport> = {}): RunReport =>
  aReport({ format: "g1", eventId: null, ...changes });

/** A report of a task, as its listener sends it. */
export const aTaskReport = (state: TaskState, changes: Partial<RunReport> = {}): RunReport =>
  aReport({
    task: {
      taskId: toTaskId("load"),
      tryNumber: 1,
      mapIndex: null,
      state,
      startedAt: null,
      endedAt: null,
      hostname: "worker-1",
      pid: 4711,
      processEnds: state !== "running",
    },
    ...changes,
  });

interface Inbox {
  readonly intake: ReportIntake;
  readonly applier: ReportApplier;
  /** How often a run was put down to be read. */
  readonly asked: () => number;
}

/** The way in for reports, on a store and nothing else. */
export const anIntake = (store: Store, logger: Logger = silentLogger): Inbox => {
  let asked = 0;
  const tracker = createRunTracker({
    store,
    lastRuns: { note: async () => undefined, changes: () => 0 } as never,
    matcher: { match: () => [] },
    time: { at: (_instance, ourTime = Date.now()) => ourTime },
    redact: createRedactor(),
    onWritten: () => undefined,
  });
  const applier = createReportApplier({
    store,
    tracker,
    isOurs: () => true,
    clock: systemClock,
    logger,
    random: Math.random,
    onAsked: () => void (asked += 1),
  });
  return {
    intake: createReportIntake({ store, applier, clock: systemClock, redact: createRedactor() }),
    applier,
    asked: () => asked,
  };
};

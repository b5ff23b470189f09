import {
  type InstanceId,
  type Run,
  type RunObservation,
  type RunState,
  type SubjectRef,
  toDagId,
  toRunId,
} from "@airfleet/model";
import { runKeyOf } from "../src/index.ts";
import { EU } from "./samples.ts";

export const START = Date.parse("2026-11-01T00:00:00Z");
export const HOUR = 3_600_000;

/** An instant this many hours after {@link START}. */
export const hour = (hours: number): string => new Date(START + hours * HOUR).toISOString().replace(".000Z", "Z");

/** A run as an engine answers it, due at an hour, and begun then. */
export const runOf = (runId: string, state: RunState, dueHour: number, changes: Partial<Run> = {}): Run => ({
  dagId: toDagId("orders"),
  runId: toRunId(runId),
  state,
  engineState: state === "cancelled" || state === "lost" ? "failed" : state,
  type: "manual",
  logicalDate: hour(dueHour),
  intervalStart: null,
  intervalEnd: null,
  runAfter: hour(dueHour),
  queuedAt: hour(dueHour),
  startedAt: state === "queued" ? null : hour(dueHour),
  endedAt: state === "queued" || state === "running" ? null : hour(dueHour + 0.5),
  conf: {},
  note: null,
  triggeredBy: null,
  versionNumbers: [],
  ...changes,
});

/** The reading of a run. */
export const readOf = (run: Run, at = START, changes: Partial<RunObservation> = {}): RunObservation =>
  ({ kind: "read", source: "poll", dagId: run.dagId, runId: run.runId, at, run, ...changes }) as RunObservation;

export const keyOf = (run: Pick<Run, "dagId" | "runId">, instance: InstanceId = EU) =>
  runKeyOf({ instance, dagId: run.dagId, runId: run.runId });

export const subjectOf = (id: string, changes: Partial<SubjectRef> = {}): SubjectRef => ({
  type: "aid",
  id,
  ...changes,
});

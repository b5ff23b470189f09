import type { Micros } from "../clock/instant.ts";
import type { GraphTask } from "../specs/dag-graph.ts";
import type { RunRecord } from "./run-record.ts";

/** Airflow's task instance states; null is "no status". */
export const TASK_STATES = [
  "removed",
  "scheduled",
  "queued",
  "running",
  "success",
  "restarting",
  "failed",
  "up_for_retry",
  "up_for_reschedule",
  "upstream_failed",
  "skipped",
  "deferred",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** One try of a task, as it stands or as it was kept when the task was cleared or retried. */
export interface TryRecord {
  /** When the row of this try was made; its id comes from that. */
  bornAt: Micros;
  state: TaskState | null;
  /** 0 when it never ran. */
  tryNumber: number;
  maxTries: number;
  scheduledAt: Micros | null;
  queuedAt: Micros | null;
  startAt: Micros | null;
  endAt: Micros | null;
  hostname: string;
  pid: number | null;
  /** When a running try was given its state from outside; its process lives on until `killedAt`. */
  forcedAt: Micros | null;
  /** When a running try was stopped from outside, and how its process went. */
  killedAt: Micros | null;
}

/** One task of one run. */
export interface TaskRecord extends TryRecord {
  readonly run: RunRecord;
  readonly task: GraphTask;
  /** -1 for a plain task. */
  readonly mapIndex: number;
  /** Place among the instances of the run. */
  readonly position: number;
  note: string | null;
  updatedAt: Micros;
  /** Earlier tries, oldest first. */
  readonly history: TryRecord[];
  /** Rises whenever the state is set from outside, so that a pending timer knows it is out of date. */
  epoch: number;
  /** Cleared while it ran: goes back to no status when its process is gone. */
  restartPending: boolean;
}

const FINISHED: ReadonlySet<TaskState | null> = new Set(["success", "failed", "skipped", "upstream_failed", "removed"]);

export const isFinished = (task: TryRecord): boolean => FINISHED.has(task.state);
/** Has failed, or was kept from running by a failure: what `only_failed` selects. */
export const isFailure = (task: TryRecord): boolean => task.state === "failed" || task.state === "upstream_failed";
/** Takes slots of its pool. */
export const isOccupying = (task: TryRecord): boolean => task.state === "queued" || task.state === "running";

/** A copy of the current try, to be kept in the history. */
export const snapshotTry = (task: TryRecord): TryRecord => ({
  bornAt: task.bornAt,
  state: task.state,
  tryNumber: task.tryNumber,
  maxTries: task.maxTries,
  scheduledAt: task.scheduledAt,
  queuedAt: task.queuedAt,
  startAt: task.startAt,
  endAt: task.endAt,
  hostname: task.hostname,
  pid: task.pid,
  forcedAt: task.forcedAt,
  killedAt: task.killedAt,
});

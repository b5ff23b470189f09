import { type Step, type TaskInstance, type TaskState, toDagId, toRunId, toTaskId } from "@airfleet/model";
import { fromMicrosOrNull, type Micros } from "../instants.ts";
import type { RunRow } from "../runs/run-row.ts";

/** The pool of a step that names none. */
export const DEFAULT_POOL = "default_pool";

/** A task of a run as it stands. */
export interface TaskRow {
  readonly run: number;
  readonly task_id: string;
  readonly place: number;
  readonly state: TaskState;
  readonly pool: string;
  readonly try_number: number;
  readonly max_tries: number;
  readonly interruptions: number;
  readonly queued_at: Micros | null;
  readonly started_at: Micros | null;
  readonly ended_at: Micros | null;
  readonly retry_at: Micros | null;
  readonly hostname: string | null;
  readonly pid: number | null;
  /** A `StepResult` as JSON, once it succeeded. */
  readonly result: string | null;
}

/** One attempt. */
export interface TryRow {
  readonly run: number;
  readonly task_id: string;
  readonly try_number: number;
  readonly state: TaskState;
  readonly queued_at: Micros | null;
  readonly started_at: Micros;
  readonly ended_at: Micros | null;
  readonly hostname: string;
  readonly pid: number | null;
  /** When its processes were known to be gone. */
  readonly gone_at: Micros | null;
}

type Attempt = Pick<
  TaskRow,
  "task_id" | "state" | "try_number" | "queued_at" | "started_at" | "ended_at" | "hostname" | "pid"
>;

export const toTaskInstance = (
  run: Pick<RunRow, "dag_id" | "run_id">,
  attempt: Attempt,
  { pool, max_tries: maxTries }: Pick<TaskRow, "pool" | "max_tries">,
  step: Step | undefined,
): TaskInstance => {
  const { started_at: startedAt, ended_at: endedAt } = attempt;
  return {
    dagId: toDagId(run.dag_id),
    runId: toRunId(run.run_id),
    taskId: toTaskId(attempt.task_id),
    mapIndex: -1,
    displayName: step?.label ?? attempt.task_id,
    state: attempt.state,
    engineState: attempt.state === "none" ? null : attempt.state,
    tryNumber: attempt.try_number,
    maxTries,
    operator: step?.module ?? null,
    pool,
    queue: step?.queue ?? null,
    hostname: attempt.hostname,
    pid: attempt.pid,
    queuedAt: fromMicrosOrNull(attempt.queued_at),
    startedAt: fromMicrosOrNull(startedAt),
    endedAt: fromMicrosOrNull(endedAt),
    durationSeconds: startedAt === null || endedAt === null ? null : (endedAt - startedAt) / 1_000_000,
    note: null,
  };
};

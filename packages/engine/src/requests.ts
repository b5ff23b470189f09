import type {
  DagId,
  Instant,
  RunAddress,
  RunId,
  RunState,
  SettableRunState,
  SettableTaskState,
  TaskAddress,
  TaskId,
  TaskInstance,
} from "@airfleet/model";

/** Which DAGs to list. All that the engine has when empty, broken and stale ones included. */
export interface DagQuery {
  /** DAGs with any of these tags. */
  readonly tags?: readonly string[];
  readonly paused?: boolean;
  readonly dagIdContains?: string;
  /** Rows wanted, at most `capabilities.pageLimit`. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

/** Which runs to list, newest first unless `changedSince` is given. */
export interface RunQuery {
  /** One DAG, or all of the instance. */
  readonly dagId?: DagId;
  readonly states?: readonly RunState[];
  /** Runs that the engine touched at or after this time (its own clock), in any order; a run that moves may come twice. */
  readonly changedSince?: Instant;
  /** Runs whose place in time lies between, both ends included; pages may have up to `WINDOW_ROWS` rows. Not with `changedSince`. */
  readonly window?: RunWindow;
  readonly limit?: number;
  readonly after?: string;
}

/** Rows that a page of runs within a window may have: these lists are read seldom, so a page may be a large one. */
export const WINDOW_ROWS = 1_000;

/** A stretch of time. Where runs may be without a logical date (`capabilities.dateless`) only `runAfter` finds them all; where they may not, only `logicalDate` is known. */
export interface RunWindow {
  readonly by: "logicalDate" | "runAfter";
  readonly from: Instant;
  readonly to: Instant;
}

/** A run to be started. Sent with every option explicit. */
export interface TriggerRequest {
  readonly dagId: DagId;
  /** Ours, always: it is what makes a repeated trigger find the first one. */
  readonly runId: RunId;
  readonly conf: Readonly<Record<string, unknown>>;
  readonly logicalDate?: Instant;
  /** Both ends or neither. */
  readonly interval?: { readonly start: Instant; readonly end: Instant };
  /** Not before this time; needs `capabilities.delayedStart`. */
  readonly runAfter?: Instant;
  readonly note?: string;
}

/** Which tasks of a run to clear. */
export interface ClearRequest extends RunAddress {
  /** Only these tasks; all when absent. */
  readonly taskIds?: readonly TaskId[];
  /** Only what failed or was kept from running by a failure. */
  readonly onlyFailed: boolean;
  /** Tell what would be cleared, and clear nothing. */
  readonly dryRun: boolean;
}

/** What a clear did, or would do. */
export interface ClearResult {
  readonly dryRun: boolean;
  readonly tasks: readonly ClearedTask[];
}

/** One cleared task. Airflow 2 does not say the map index or the state before; they are null there. */
export interface ClearedTask {
  readonly taskId: TaskId;
  readonly mapIndex: number | null;
  readonly stateBefore: TaskInstance["state"] | null;
}

/** A state that a person gives to a task instance. */
export interface TaskStateRequest extends TaskAddress {
  readonly state: SettableTaskState;
  readonly dryRun: boolean;
}

/** A state that a person gives to a run. */
export interface RunStateRequest extends RunAddress {
  readonly state: SettableRunState;
}

/** Which task instances to list. */
export interface TaskQuery {
  /** The runs, of one or many DAGs; asked for in as few calls as the engine allows. */
  readonly runs: readonly RunAddress[];
}

/** Which log to read. */
export interface LogRequest extends TaskAddress {
  /** 1 is the first try. */
  readonly tryNumber: number;
  /** Stay and give new lines until the try has ended. */
  readonly follow?: boolean;
}

/** Which rows of the engine's own audit log to read, newest first. */
export interface AuditQuery {
  readonly dagId?: DagId;
  readonly runId?: RunId;
  readonly since?: Instant;
  readonly limit?: number;
}

/** A compiled plan as an engine is given it. */
export interface PlanArtifact {
  readonly dagId: DagId;
  /** The plan as JSON. */
  readonly text: string;
  /** SHA-256 by which the engine's `docMd` tells that this version is live. */
  readonly hash: string;
}

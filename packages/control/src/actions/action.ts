import type {
  ConfigEntryWrite,
  ConfigKind,
  DagId,
  ErrorCode,
  InstanceId,
  RunId,
  SettableRunState,
  SettableTaskState,
  SubjectRef,
  TaskId,
} from "@airfleet/model";

interface Target {
  readonly instance: InstanceId;
  /** The instance id again, when it is of tier production and `verb` asks for it. */
  readonly confirm?: string;
  /** Set by surfaces that promise to ask nothing (the first seed's routes). */
  readonly confirmed?: boolean;
}

/** What is wanted, by verb. */
export type ActionIntent =
  | (Target & { readonly verb: "dag:pause"; readonly dagId: DagId; readonly paused: boolean })
  | (Target & {
      readonly verb: "run:trigger";
      readonly dagId: DagId;
      readonly conf: Readonly<Record<string, unknown>>;
      readonly logicalDate?: string;
      readonly interval?: { readonly start: string; readonly end: string };
      readonly runAfter?: string;
      readonly note?: string;
      /** Chosen by the caller; made from the idempotency key, or at random, when absent. */
      readonly runId?: string;
      /** The same key from the same actor means the same action. */
      readonly idempotencyKey?: string;
      /** What the run is to be about. */
      readonly subjects?: readonly SubjectRef[];
      /** Keys of the conf, at any depth, whose values our records must not show. */
      readonly secretConfKeys?: readonly string[];
      /** Unpauses the DAG once the run was accepted, so that it starts. */
      readonly unpause?: boolean;
      /** Unpausing a DAG with a schedule also starts its last closed interval: the caller knows. */
      readonly acceptScheduledRun?: boolean;
    })
  | (Target & {
      readonly verb: "run:clear";
      readonly dagId: DagId;
      readonly runId: RunId;
      readonly onlyFailed: boolean;
      readonly taskIds?: readonly TaskId[];
      readonly dryRun: boolean;
    })
  | (Target & {
      readonly verb: "run:set_state";
      readonly dagId: DagId;
      readonly runId: RunId;
      readonly state: SettableRunState;
    })
  | (Target & {
      readonly verb: "run:stop";
      readonly dagId: DagId;
      readonly runId: RunId;
      /** How long signs that its processes are gone are waited for; the instance's own limit when absent. */
      readonly waitSeconds?: number;
      /** Ends teardown tasks too, which the engine lets finish else. */
      readonly teardown?: boolean;
      /** Deletes the engine's run once its processes are gone; what we know of it stays. */
      readonly delete?: boolean;
    })
  | (Target & { readonly verb: "run:delete"; readonly dagId: DagId; readonly runId: RunId })
  | (Target & {
      readonly verb: "task:set_state";
      readonly dagId: DagId;
      readonly runId: RunId;
      readonly taskId: TaskId;
      readonly mapIndex: number;
      readonly state: SettableTaskState;
      readonly dryRun: boolean;
    })
  | (Target & { readonly verb: "dag:delete"; readonly dagId: DagId })
  | (Target & { readonly verb: "config:write"; readonly entry: ConfigEntryWrite })
  | (Target & { readonly verb: "config:delete"; readonly kind: ConfigKind; readonly key: string });

export type ActionVerb = ActionIntent["verb"];

/** Where a recorded write stands. `unknown`: sent, the answer lost, and reading back does not tell. */
export type ActionState = "pending" | "done" | "failed" | "unknown";

/** Something a person should know although the action is done, such as DAG_PAUSED. */
export interface ActionWarning {
  readonly code: string;
  readonly message: string;
}

/** A recorded write. */
export interface Action {
  readonly id: string;
  readonly verb: ActionVerb;
  readonly state: ActionState;
  readonly actor: string;
  readonly instance: InstanceId;
  readonly dagId: DagId | null;
  readonly runId: RunId | null;
  readonly taskId: TaskId | null;
  readonly mapIndex: number | null;
  /** The intent's own fields, secrets taken out. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly before: Readonly<Record<string, unknown>> | null;
  /** Read back: for a trigger the run, for a clear the tasks. */
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly warnings: readonly ActionWarning[];
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** Of a `run:trigger`, while its trigger is kept. */
  readonly triggerId: string | null;
}

export interface ActionQuery {
  readonly instances?: readonly string[];
  readonly states?: readonly ActionState[];
  readonly verbs?: readonly ActionVerb[];
  readonly limit: number;
  readonly after?: string;
}

/**
 * Identifiers. Each is a plain string at run time and a different type to the compiler, so that a task id never lands
 * where a DAG id is wanted.
 *
 * Glossary: an *instance* is one deployment we drive; a *DAG* lives on an instance; a *run* is one execution of a DAG,
 * named by the engine's own run id; a *task instance* is one task of a run, and a *try* one attempt at it.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Our name of a deployment: letters, digits, `_ . -`, at most 64, immutable, unique ignoring case. */
export type InstanceId = Branded<"InstanceId">;
/** The engine's name of a DAG. */
export type DagId = Branded<"DagId">;
/** The engine's name of a run (`dag_run_id` in Airflow). Unique within a DAG of an instance. */
export type RunId = Branded<"RunId">;
/** The engine's name of a task within a DAG. */
export type TaskId = Branded<"TaskId">;
/** Our name of a recorded write (`act_…`). */
export type ActionId = Branded<"ActionId">;
/** Our name of a run: `run_` and a hash of (instance, DAG, run id); the same on every server, and after a store is lost. */
export type RunKey = Branded<"RunKey">;
/** Our name of a trigger (`trg_…`). */
export type TriggerId = Branded<"TriggerId">;
/** Our name of an API token (`tok_…`); not the secret. */
export type TokenId = Branded<"TokenId">;

/** Marks a string from the engine or the store as a DAG id; any non-empty string may be one. */
export const toDagId = (value: string): DagId => value as DagId;
/** Marks a string from the engine or the store as a run id; see `checkNewRunId` for ids that we choose. */
export const toRunId = (value: string): RunId => value as RunId;
/** Marks a string as a task id. */
export const toTaskId = (value: string): TaskId => value as TaskId;
/** Marks a string that is known to be an instance id (read back from the store, or checked by `parseInstanceId`). */
export const toInstanceId = (value: string): InstanceId => value as InstanceId;
/** Marks a string as an action id. */
export const toActionId = (value: string): ActionId => value as ActionId;
/** Marks a string as a run key; any other is simply not found. */
export const toRunKey = (value: string): RunKey => value as RunKey;
/** Marks a string as a trigger id. */
export const toTriggerId = (value: string): TriggerId => value as TriggerId;
/** Marks a string as a token id. */
export const toTokenId = (value: string): TokenId => value as TokenId;

/** What an instance id may look like. */
export const INSTANCE_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** Names one run on one instance. */
export interface RunAddress {
  readonly dagId: DagId;
  readonly runId: RunId;
}

/** Names one task instance of a run; `mapIndex` is -1 for a task that is not mapped. */
export interface TaskAddress extends RunAddress {
  readonly taskId: TaskId;
  readonly mapIndex: number;
}

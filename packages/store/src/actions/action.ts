import {
  type ActionId,
  type DagId,
  type ErrorCode,
  type InstanceId,
  type RunId,
  type TaskId,
  toActionId,
  toDagId,
  toInstanceId,
  toRunId,
  toTaskId,
} from "@airfleet/model";
import type { Selectable } from "kysely";
import type { ActionTable } from "../schema.ts";
import type { SealedPlace } from "../secrets/secret-box.ts";
import { fromJson, type JsonObject, objectFromJson, objectFromJsonOrNull } from "../text/stored-json.ts";

/**
 * Where a recorded write stands.
 *
 * `pending` is left once, by `finish`, for one of the others: `done`; `failed`, when the engine or a rule of ours
 * refused it; `unknown`, when it was sent, the answer was lost, and reading back does not tell. While pending it is
 * either leased to a worker, waiting for one, or waiting for `notBefore`.
 */
export const ACTION_STATES = ["pending", "done", "failed", "unknown"] as const;
export type ActionState = (typeof ACTION_STATES)[number];
export type FinishedActionState = Exclude<ActionState, "pending">;

/** Something a person should know although the action is done. */
export interface ActionWarning {
  readonly code: string;
  readonly message: string;
}

/** A recorded write. Times are epoch milliseconds. */
export interface StoredAction {
  readonly id: ActionId;
  readonly verb: string;
  readonly state: ActionState;
  readonly actor: string;
  readonly sourceIp: string | null;
  readonly requestId: string | null;
  readonly instance: InstanceId;
  readonly dagId: DagId | null;
  readonly runId: RunId | null;
  readonly taskId: TaskId | null;
  readonly mapIndex: number | null;
  /** What was asked, without what is secret. */
  readonly request: JsonObject;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly warnings: readonly ActionWarning[];
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  /** How often it was taken up, the first time included. */
  readonly attempts: number;
  /** When it was about to be sent to the engine; null while it certainly was not. */
  readonly sentAt: number | null;
  readonly notBefore: number;
  /** After this it is given up. */
  readonly deadlineAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly finishedAt: number | null;
}

/** The right to carry out an action, and to write down what came of it. */
export interface ActionLease {
  readonly owner: string;
  /** Rises with each lease of the action; a write that carries an older one is refused. */
  readonly fencingToken: number;
  /** By the store's clock, epoch milliseconds. */
  readonly until: number;
}

/** An action leased to the caller, with what was kept encrypted of it. */
export interface LeasedAction {
  readonly action: StoredAction;
  readonly lease: ActionLease;
  readonly secret: JsonObject | null;
}

/** The place that an action's secret part is encrypted for. */
export const actionSecretPlace = (id: string): SealedPlace => ({ table: "actions", row: id, field: "sealed" });

type Row = Selectable<ActionTable>;
type ShownRow = Omit<Row, "sealed" | "dedupe_key" | "lease_owner" | "lease_until" | "fencing_token">;

const orNull = <T>(value: string | null, mark: (value: string) => T): T | null => (value === null ? null : mark(value));

export const toAction = (row: ShownRow): StoredAction => ({
  id: toActionId(row.id),
  verb: row.verb,
  state: row.state as ActionState,
  actor: row.actor,
  sourceIp: row.source_ip,
  requestId: row.request_id,
  instance: toInstanceId(row.instance_id),
  dagId: orNull(row.dag_id, toDagId),
  runId: orNull(row.run_id, toRunId),
  taskId: orNull(row.task_id, toTaskId),
  mapIndex: row.map_index,
  request: objectFromJson(row.request),
  before: objectFromJsonOrNull(row.before),
  after: objectFromJsonOrNull(row.after),
  warnings: fromJson(row.warnings) as ActionWarning[],
  error: row.error_code === null ? null : { code: row.error_code as ErrorCode, message: row.error_message ?? "" },
  attempts: row.attempts,
  sentAt: row.sent_at,
  notBefore: row.not_before,
  deadlineAt: row.deadline_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  finishedAt: row.finished_at,
});

/** What makes an action of a row, for statements over more than one table. */
export const ACTION_COLUMNS = [
  "actions.id",
  "actions.verb",
  "actions.state",
  "actions.actor",
  "actions.source_ip",
  "actions.request_id",
  "actions.instance_id",
  "actions.dag_id",
  "actions.run_id",
  "actions.task_id",
  "actions.map_index",
  "actions.request",
  "actions.before",
  "actions.after",
  "actions.warnings",
  "actions.error_code",
  "actions.error_message",
  "actions.attempts",
  "actions.sent_at",
  "actions.not_before",
  "actions.deadline_at",
  "actions.created_at",
  "actions.updated_at",
  "actions.finished_at",
] as const;

/** The lease on a row that the statement before has leased. */
export const toLease = (row: Row): ActionLease => ({
  owner: row.lease_owner ?? "",
  fencingToken: row.fencing_token,
  until: row.lease_until ?? 0,
});

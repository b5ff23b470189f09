import {
  type ActionId,
  type DagId,
  type ErrorCode,
  type InstanceId,
  type RunId,
  type SubjectRef,
  toActionId,
  toDagId,
  toInstanceId,
  toRunId,
  toTriggerId,
  type TriggerId,
  type TriggerState,
} from "@airfleet/model";
import type { Selectable } from "kysely";
import type { ActionWarning } from "../actions/action.ts";
import { fromJson, type JsonObject, objectFromJson } from "../text/stored-json.ts";
import type { TriggerAttemptTable, TriggerTable } from "./trigger-tables.ts";

/** Our record of asking for one run: the face of an action of verb `run:trigger`. Times are epoch milliseconds. */
export interface StoredTrigger {
  readonly id: TriggerId;
  /** Shared by the triggers of one request. */
  readonly requestId: string;
  readonly position: number;
  readonly actionId: ActionId;
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly state: TriggerState;
  readonly actor: string;
  /** What was asked, without what is secret. */
  readonly request: JsonObject;
  /** Of the conf as sent, to compare a run by when the conf itself is no longer kept. */
  readonly confHash: string;
  /** The first of them, and how many there are. */
  readonly subjects: readonly SubjectRef[];
  readonly subjectsTotal: number;
  readonly warnings: readonly ActionWarning[];
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly expiresAt: number | null;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly finishedAt: number | null;
  /** When retention dropped it; only its name and its end are left then. */
  readonly droppedAt: number | null;
}

/** One request that went to the engine for a trigger, and its whole answer. */
export interface StoredTriggerAttempt {
  readonly number: number;
  readonly at: number;
  /** Null where the process ended before it could say. */
  readonly method: string | null;
  readonly path: string | null;
  /** The body as sent, secrets taken out. */
  readonly request: unknown;
  readonly status: number | null;
  /** As text, credentials taken out. */
  readonly answer: string | null;
  /** The answer was longer than what is kept. */
  readonly isCut: boolean;
  readonly durationMs: number | null;
  readonly error: string | null;
}

/** What makes a trigger of a row, for statements over more than one table. */
export const TRIGGER_COLUMNS = [
  "triggers.id",
  "triggers.request_id",
  "triggers.position",
  "triggers.action_id",
  "triggers.instance_id",
  "triggers.dag_id",
  "triggers.run_id",
  "triggers.state",
  "triggers.actor",
  "triggers.request",
  "triggers.conf_hash",
  "triggers.subjects",
  "triggers.subjects_total",
  "triggers.warnings",
  "triggers.error_code",
  "triggers.error_message",
  "triggers.expires_at",
  "triggers.created_at",
  "triggers.changed_at",
  "triggers.finished_at",
  "triggers.dropped_at",
] as const;

export const toTrigger = (row: Omit<Selectable<TriggerTable>, "is_keyed" | "look_at">): StoredTrigger => ({
  id: toTriggerId(row.id),
  requestId: row.request_id,
  position: row.position,
  actionId: toActionId(row.action_id),
  instance: toInstanceId(row.instance_id),
  dagId: toDagId(row.dag_id),
  runId: toRunId(row.run_id),
  state: row.state as TriggerState,
  actor: row.actor,
  request: objectFromJson(row.request),
  confHash: row.conf_hash,
  subjects: fromJson(row.subjects) as SubjectRef[],
  subjectsTotal: row.subjects_total,
  warnings: fromJson(row.warnings) as ActionWarning[],
  error: row.error_code === null ? null : { code: row.error_code as ErrorCode, message: row.error_message ?? "" },
  expiresAt: row.expires_at,
  createdAt: row.created_at,
  changedAt: row.changed_at,
  finishedAt: row.finished_at,
  droppedAt: row.dropped_at,
});

export const toAttempt = (row: Selectable<TriggerAttemptTable>): StoredTriggerAttempt => ({
  number: row.number,
  at: row.at,
  method: row.method,
  path: row.path,
  request: row.request === null ? null : fromJson(row.request),
  status: row.status,
  answer: row.answer,
  isCut: row.is_cut === 1,
  durationMs: row.duration_ms,
  error: row.error,
});

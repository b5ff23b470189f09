import { createHash } from "node:crypto";
import type { Insertable, Selectable } from "kysely";
import type { AuditColumns, AuditTable, Database } from "../schema.ts";
import { toCanonicalJson } from "../text/canonical-json.ts";
import { type JsonObject, objectFromJson } from "../text/stored-json.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";

/** What became of what is noted. */
export const AUDIT_OUTCOMES = ["requested", "done", "failed", "unknown", "denied"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Something to be noted. Absent places are null; `details` must hold no secret. */
export interface AuditNote {
  readonly actor: string;
  readonly verb: string;
  readonly outcome: AuditOutcome;
  readonly instance?: string | null;
  readonly dagId?: string | null;
  readonly runId?: string | null;
  readonly taskId?: string | null;
  readonly actionId?: string | null;
  readonly details?: JsonObject;
  readonly sourceIp?: string | null;
  readonly requestId?: string | null;
}

/** One row of the audit trail. */
export interface AuditEntry {
  readonly id: string;
  /** Position in the chain; null until the sequencer reached it. */
  readonly seq: number | null;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly actor: string;
  readonly verb: string;
  readonly outcome: AuditOutcome;
  readonly instance: string | null;
  readonly dagId: string | null;
  readonly runId: string | null;
  readonly taskId: string | null;
  readonly actionId: string | null;
  readonly details: JsonObject;
  readonly sourceIp: string | null;
  readonly requestId: string | null;
  /** Hex; null as long as `seq` is. */
  readonly hash: string | null;
}

export type PendingRow = Selectable<Database["audit_pending"]>;
export type ChainedRow = Selectable<AuditTable>;

export const toPendingRow = (note: AuditNote, id: string, at: number): Insertable<AuditColumns> & { id: string } => ({
  id,
  at,
  actor: toStorableText(note.actor),
  verb: note.verb,
  outcome: note.outcome,
  instance_id: toStorableOrNull(note.instance),
  dag_id: toStorableOrNull(note.dagId),
  run_id: toStorableOrNull(note.runId),
  task_id: toStorableOrNull(note.taskId),
  action_id: note.actionId ?? null,
  details: JSON.stringify(note.details ?? {}),
  source_ip: note.sourceIp ?? null,
  request_id: toStorableOrNull(note.requestId),
});

export const fromRow = (row: PendingRow | ChainedRow): AuditEntry => ({
  id: row.id,
  seq: "seq" in row ? row.seq : null,
  at: row.at,
  actor: row.actor,
  verb: row.verb,
  outcome: row.outcome as AuditOutcome,
  instance: row.instance_id,
  dagId: row.dag_id,
  runId: row.run_id,
  taskId: row.task_id,
  actionId: row.action_id,
  details: objectFromJson(row.details),
  sourceIp: row.source_ip,
  requestId: row.request_id,
  hash: "hash" in row ? row.hash : null,
});

/** The hash of a row at its place: over every column, the place, and the hash of the row before. */
export const chainHash = (row: Omit<ChainedRow, "hash">): string =>
  createHash("sha256")
    .update(
      toCanonicalJson({
        seq: row.seq,
        id: row.id,
        at: row.at,
        actor: row.actor,
        verb: row.verb,
        outcome: row.outcome,
        instance_id: row.instance_id,
        dag_id: row.dag_id,
        run_id: row.run_id,
        task_id: row.task_id,
        action_id: row.action_id,
        details: row.details,
        source_ip: row.source_ip,
        request_id: row.request_id,
        prev_hash: row.prev_hash,
      }),
    )
    .digest("hex");

import type { Page } from "@airfleet/engine";

/** One row of the audit trail. */
export interface AuditEntry {
  /** Position in the chain; null until the sequencer reached it (within 50 ms). */
  readonly seq: number | null;
  readonly at: number;
  readonly actor: string;
  readonly verb: string;
  readonly outcome: "requested" | "done" | "failed" | "unknown" | "denied";
  readonly instance: string | null;
  readonly dagId: string | null;
  readonly runId: string | null;
  readonly taskId: string | null;
  readonly actionId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly sourceIp: string | null;
  readonly requestId: string | null;
  readonly hash: string | null;
}
export type AuditPage = Page<AuditEntry>;

export interface AuditFilter {
  readonly instances?: readonly string[];
  readonly actor?: string;
  readonly verbs?: readonly string[];
  readonly dagId?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  readonly after?: string;
}

/** What recomputing the chain found. */
export interface AuditVerification {
  readonly ok: boolean;
  readonly rows: number;
  readonly lastSeq: number;
  readonly head: string | null;
  readonly brokenAt: number | null;
  readonly reason: string | null;
}

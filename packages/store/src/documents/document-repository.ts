import type { JsonObject } from "../text/stored-json.ts";

/** Small definitions that people keep through the API: one table, one way to change them. */
export const DOCUMENT_KINDS = [
  "subject_rule",
  "retention_policy",
  "webhook",
  "alert_rule",
  "event_source",
  "report_source",
  "trigger_key",
  "pipeline_webhook",
  "connection",
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** One definition. Its body is checked by whoever owns the kind. */
export interface StoredDocument {
  readonly kind: DocumentKind;
  /** Chosen by people: `^[a-z0-9][a-z0-9_.-]{0,63}$`. */
  readonly id: string;
  readonly body: JsonObject;
  /** Kept encrypted; null when there is none. */
  readonly secret: JsonObject | null;
  /** Rises with every change; the ETag of the API. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface DocumentWrite {
  readonly kind: DocumentKind;
  readonly id: string;
  readonly body: JsonObject;
  /** Replaces the secret; absent keeps it. */
  readonly secret?: JsonObject | null;
}

/** Who changes it: written to the audit trail in the same transaction, with before and after, without secrets. */
export interface DocumentAuthor {
  readonly actor: string;
  readonly sourceIp?: string | null;
  readonly requestId?: string | null;
}

/**
 * Looks at the other documents of a kind before one is written, in the same transaction: nobody writes another one in
 * between. What it throws keeps the document from being written.
 */
export type JudgeDocuments = (others: readonly StoredDocument[]) => void;

export interface DocumentRepository {
  /** In order of id. */
  list(kind: DocumentKind): Promise<readonly StoredDocument[]>;
  find(kind: DocumentKind, id: string): Promise<StoredDocument | undefined>;
  /** @throws {AirfleetError} DOCUMENT_EXISTS */
  create(write: DocumentWrite, author: DocumentAuthor, judge?: JudgeDocuments): Promise<StoredDocument>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  update(
    write: DocumentWrite,
    version: number,
    author: DocumentAuthor,
    judge?: JudgeDocuments,
  ): Promise<StoredDocument>;
  /** @throws {AirfleetError} DOCUMENT_UNKNOWN, VERSION_CONFLICT */
  remove(kind: DocumentKind, id: string, version: number, author: DocumentAuthor): Promise<void>;
  /** Rises when any document of the kind changes, so that a process can tell cheaply whether to read again. */
  revision(kind: DocumentKind): Promise<number>;
}

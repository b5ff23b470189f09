import {
  type DagId,
  type InstanceId,
  type RunId,
  type RunKey,
  toDagId,
  toInstanceId,
  toRunId,
  toRunKey,
} from "@airfleet/model";
import type { Selectable } from "kysely";
import type { StoreContext } from "../context.ts";
import { fromCursor, type StorePage, toCursor, toPage } from "../paging/cursor.ts";
import { runKeyOf } from "../runs/run-key.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import type { ReportTable } from "./inbox-table.ts";

/** What a message tells: how a DAG run ended, that a task failed, or whatever a task wanted to say. */
export const REPORT_KINDS = ["dag_complete", "dag_failure", "task_failure", "task_data"] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** A message about a run, as received. Times are epoch milliseconds. */
export interface NewReport {
  /** Where it came from: `http`, or the id of an event source. */
  readonly source: string;
  /** The sender's own id of the message, the same at each delivery; null when it has none. */
  readonly messageId: string | null;
  /** Hash of everything that the message says. */
  readonly contentHash: string;
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly kind: ReportKind;
  readonly taskId: string | null;
  readonly tryNumber: number | null;
  /** Null for a task that is not mapped. */
  readonly mapIndex: number | null;
  /** JSON text of the message's own content; when `isCut`, only its beginning. */
  readonly message: string;
  readonly isCut: boolean;
  readonly isError: boolean;
  /** When it was sent, as the sender says; else when it was received. */
  readonly sentAt: number;
}

export interface StoredReport extends NewReport {
  readonly id: string;
  readonly runKey: RunKey;
  readonly receivedAt: number;
}

/** Messages about runs that were understood. */
export interface ReportRepository {
  /**
   * Whether this message was kept before: under its sender's id, or with the same content sent within `withinMs` of it.
   * The same content much later is news: a run that was cleared ends a second time.
   */
  isKnown(report: Pick<NewReport, "messageId" | "contentHash" | "sentAt">, withinMs: number): Promise<boolean>;
  /** Keeps a message; null when one with its message id is there already. */
  add(report: NewReport): Promise<StoredReport | null>;
  /** Of one run, oldest first. */
  list(query: {
    readonly run: RunKey;
    readonly limit: number;
    readonly after?: string;
  }): Promise<StorePage<StoredReport>>;
  /** Drops those received before this time, a batch at a time. @returns How many; call again until 0. */
  sweep(before: number, batch?: number): Promise<number>;
}

const BATCH = 500;

const fromRow = (row: Selectable<ReportTable>): StoredReport => ({
  id: row.id,
  source: row.source,
  messageId: row.message_id,
  contentHash: row.content_hash,
  runKey: toRunKey(row.run_key),
  instance: toInstanceId(row.instance_id),
  dagId: toDagId(row.dag_id),
  runId: toRunId(row.run_id),
  kind: row.kind as ReportKind,
  taskId: row.task_id,
  tryNumber: row.try_number,
  mapIndex: row.map_index,
  message: row.message,
  isCut: row.is_cut === 1,
  isError: row.is_error === 1,
  sentAt: row.sent_at,
  receivedAt: row.received_at,
});

export const createReportRepository = ({ db, newId, clock }: StoreContext): ReportRepository => ({
  async isKnown({ messageId, contentHash, sentAt }, withinMs) {
    const same = db
      .selectFrom("reports")
      .select("id")
      .where("content_hash", "=", contentHash)
      .where("sent_at", ">=", sentAt - withinMs)
      .where("sent_at", "<=", sentAt + withinMs);
    if ((await same.executeTakeFirst()) !== undefined) return true;
    if (messageId === null) return false;
    const delivered = db.selectFrom("reports").select("id").where("message_id", "=", messageId);
    return (await delivered.executeTakeFirst()) !== undefined;
  },

  async add(report) {
    const row = await db
      .insertInto("reports")
      .values({
        id: newId("rep"),
        source: report.source,
        message_id: toStorableOrNull(report.messageId),
        content_hash: report.contentHash,
        run_key: runKeyOf(report),
        instance_id: report.instance,
        dag_id: toStorableText(report.dagId),
        run_id: toStorableText(report.runId),
        kind: report.kind,
        task_id: toStorableOrNull(report.taskId),
        try_number: report.tryNumber,
        map_index: report.mapIndex,
        message: toStorableText(report.message),
        is_cut: report.isCut ? 1 : 0,
        is_error: report.isError ? 1 : 0,
        sent_at: report.sentAt,
        received_at: clock(),
      })
      .onConflict((conflict) => conflict.column("message_id").doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : fromRow(row);
  },

  async list({ run, limit, after }) {
    let rows = db.selectFrom("reports").selectAll().where("run_key", "=", run);
    if (after !== undefined) {
      const [sentAt = 0, id = ""] = fromCursor("reports", run, ["number", "string"], after);
      rows = rows.where((eb) =>
        eb.or([
          eb("sent_at", ">", Number(sentAt)),
          eb.and([eb("sent_at", "=", Number(sentAt)), eb("id", ">", String(id))]),
        ]),
      );
    }
    const found = await rows
      .orderBy("sent_at")
      .orderBy("id")
      .limit(limit + 1)
      .execute();
    return toPage(found, limit, {
      item: fromRow,
      cursor: ({ sent_at, id }) => toCursor("reports", run, [sent_at, id]),
    });
  },

  async sweep(before, batch = BATCH) {
    const rows = await db.selectFrom("reports").select("id").where("received_at", "<", before).limit(batch).execute();
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0) await db.deleteFrom("reports").where("id", "in", ids).execute();
    return ids.length;
  },
});

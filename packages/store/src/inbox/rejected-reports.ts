import { type InstanceId, toInstanceId } from "@airfleet/model";
import type { Selectable } from "kysely";
import type { StoreContext } from "../context.ts";
import { fromCursor, type StorePage, toCursor, toPage } from "../paging/cursor.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import type { RejectedReportTable } from "./inbox-table.ts";

/** A message that could not be used, with the reason. Times are epoch milliseconds. */
export interface NewRejectedReport {
  readonly source: string;
  readonly messageId: string | null;
  /** The instance that it was sent for, when that much is known. */
  readonly instance: InstanceId | null;
  /** As it came; when `isCut`, only its beginning, so that it cannot be tried again. */
  readonly body: string;
  readonly isCut: boolean;
  readonly reasonCode: string;
  readonly reason: string;
  readonly sentAt: number | null;
}

export interface StoredRejectedReport extends NewRejectedReport {
  readonly id: string;
  readonly receivedAt: number;
  /** How often it was looked at. */
  readonly tries: number;
}

export interface RejectedReportQuery {
  /** Only of these instances; those of no known instance are then left out. */
  readonly instances?: readonly string[];
  readonly limit: number;
  readonly after?: string;
}

/** Messages that wait for a person. */
export interface RejectedReportRepository {
  /** Keeps it once, however often it is delivered. */
  add(report: NewRejectedReport): Promise<StoredRejectedReport>;
  find(id: string): Promise<StoredRejectedReport | undefined>;
  /** Oldest first. */
  list(query: RejectedReportQuery): Promise<StorePage<StoredRejectedReport>>;
  /** Notes another try that failed. */
  failAgain(id: string, reason: Pick<NewRejectedReport, "reasonCode" | "reason">): Promise<void>;
  remove(id: string): Promise<boolean>;
  /** Drops those received before this time and the oldest beyond `keep`, a batch at a time. @returns How many. */
  sweep(retention: { readonly before: number; readonly keep: number; readonly batch?: number }): Promise<number>;
}

const BATCH = 500;

const fromRow = (row: Selectable<RejectedReportTable>): StoredRejectedReport => ({
  id: row.id,
  source: row.source,
  messageId: row.message_id,
  instance: row.instance_id === null ? null : toInstanceId(row.instance_id),
  body: row.body,
  isCut: row.is_cut === 1,
  reasonCode: row.reason_code,
  reason: row.reason,
  sentAt: row.sent_at,
  receivedAt: row.received_at,
  tries: row.tries,
});

export const createRejectedReportRepository = ({ db, newId, clock }: StoreContext): RejectedReportRepository => ({
  async add(report) {
    const row = await db
      .insertInto("rejected_reports")
      .values({
        id: newId("rej"),
        source: report.source,
        message_id: toStorableOrNull(report.messageId),
        instance_id: report.instance,
        body: toStorableText(report.body),
        is_cut: report.isCut ? 1 : 0,
        reason_code: report.reasonCode,
        reason: toStorableText(report.reason),
        sent_at: report.sentAt,
        received_at: clock(),
        tries: 1,
      })
      .onConflict((conflict) =>
        conflict
          .column("message_id")
          .where("message_id", "is not", null)
          .doUpdateSet((eb) => ({ tries: eb("rejected_reports.tries", "+", 1) })),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
    return fromRow(row);
  },

  async find(id) {
    const row = await db.selectFrom("rejected_reports").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  },

  async list({ instances, limit, after }) {
    let rows = db.selectFrom("rejected_reports").selectAll();
    if (instances?.length === 0) return { items: [], next: null };
    if (instances !== undefined) rows = rows.where("instance_id", "in", instances);
    if (after !== undefined) {
      const [id = ""] = fromCursor("rejected_reports", instances ?? null, ["string"], after);
      rows = rows.where("id", ">", String(id));
    }
    const found = await rows
      .orderBy("id")
      .limit(limit + 1)
      .execute();
    const cursor = ({ id }: { readonly id: string }) => toCursor("rejected_reports", instances ?? null, [id]);
    return toPage(found, limit, { item: fromRow, cursor });
  },

  async failAgain(id, { reasonCode, reason }) {
    await db
      .updateTable("rejected_reports")
      .set((eb) => ({ reason_code: reasonCode, reason: toStorableText(reason), tries: eb("tries", "+", 1) }))
      .where("id", "=", id)
      .execute();
  },

  async remove(id) {
    const gone = await db.deleteFrom("rejected_reports").where("id", "=", id).returning("id").executeTakeFirst();
    return gone !== undefined;
  },

  async sweep({ before, keep, batch = BATCH }) {
    const newest = await db
      .selectFrom("rejected_reports")
      .select("id")
      .orderBy("id", "desc")
      .offset(keep)
      .limit(1)
      .executeTakeFirst();
    const rows = await db
      .selectFrom("rejected_reports")
      .select("id")
      .where((eb) =>
        eb.or([eb("received_at", "<", before), ...(newest === undefined ? [] : [eb("id", "<=", newest.id)])]),
      )
      .limit(batch)
      .execute();
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0) await db.deleteFrom("rejected_reports").where("id", "in", ids).execute();
    return ids.length;
  },
});

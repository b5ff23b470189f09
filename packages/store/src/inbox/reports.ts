import {
  type DagId,
  type InstanceId,
  type ReportFormat,
  type RunId,
  type RunKey,
  type RunState,
  toDagId,
  toInstanceId,
  toRunId,
  toRunKey,
} from "@airfleet/model";
import type { Selectable } from "kysely";
import type { StoreContext } from "../context.ts";
import { fromCursor, type StorePage, toCursor, toPage } from "../paging/cursor.ts";
import type { ReportTable } from "./inbox-table.ts";
import { keepReports } from "./keep-reports.ts";
import { sweepReported } from "./sweep-reported.ts";

/**
 * What a message tells. The first four are a publisher's: how a DAG run ended, that a task failed, or whatever a task
 * wanted to say; the others are of every other format: a state of the run or of a task, or nothing but details.
 */
export const REPORT_KINDS = [
  "dag_complete",
  "dag_failure",
  "task_failure",
  "task_data",
  "run_state",
  "task_state",
  "run_details",
] as const;
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
  readonly format: ReportFormat;
  readonly runState: RunState | null;
  /** The same content from a minute before or after makes it a repetition, whatever id it has. */
  readonly isKnownByContent: boolean;
  /** What is still to be done with it, JSON text. */
  readonly content: string;
}

export interface StoredReport extends Omit<NewReport, "content" | "isKnownByContent"> {
  readonly id: string;
  readonly runKey: RunKey;
  readonly receivedAt: number;
}

/** A report that was not there before. */
export type KeptReport = Pick<StoredReport, "id" | "receivedAt">;

/** Messages about runs that were understood. */
export interface ReportRepository {
  /**
   * Keeps reports, all in one transaction, each with what is to be done with it. Null for one that was kept before: under
   * its sender's id, however long ago, or, where it is known by content, with the same content within `withinMs` of it.
   * The same content much later is news: a run that was cleared ends a second time.
   */
  keep(reports: readonly NewReport[], withinMs: number): Promise<readonly (KeptReport | null)[]>;
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
  format: row.format as ReportFormat,
  runState: row.run_state as RunState | null,
});

export const createReportRepository = (context: StoreContext): ReportRepository => {
  const { db } = context;
  return {
    keep: (reports, withinMs) => keepReports(context, reports, withinMs),

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
      return ids.length + (await sweepReported(context, before, batch));
    },
  };
};

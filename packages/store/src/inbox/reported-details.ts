import { type RunKey, toRunKey } from "@airfleet/model";
import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import type { ReportedDetailTable } from "./inbox-table.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";

/** What a report may say of a run besides its state. */
export type ReportedPart = "progress" | "title" | "error" | "results" | "statistics" | "logs";

/** Parts that are short enough for a list of runs. */
const SMALL_PARTS = ["progress", "title", "error"] as const satisfies readonly ReportedPart[];
/** Of an error's message, in a list. */
const MESSAGE_BEGINNING = 200;

/** The newest word on one part of a run. */
export interface ReportedDetail {
  readonly run: RunKey;
  readonly part: ReportedPart;
  /** Text of a title or an error's message, else JSON text; when `isCut`, only its beginning. */
  readonly value: string;
  /** Of an error. */
  readonly category: string | null;
  readonly isCut: boolean;
  /** By the instance's clock, epoch milliseconds. */
  readonly receivedAt: number;
}

/** What was reported of runs besides their state; also of runs that are not known yet. */
export interface ReportedDetailRepository {
  /**
   * Of these runs, in no order.
   *
   * @param size `small` leaves out results, statistics and logs, and most of an error's message.
   */
  list(runs: readonly RunKey[], size: "small" | "whole"): Promise<readonly ReportedDetail[]>;
}

/** Rows per statement. */
const CHUNK = 200;

/** Keeps each part that is newer than what is known of it. Parts must not repeat. */
export const writeReportedDetails = async (
  trx: Transaction<Database>,
  details: readonly ReportedDetail[],
): Promise<void> => {
  for (const chunk of inChunks(details, CHUNK)) {
    await trx
      .insertInto("reported_details")
      .values(
        chunk.map((detail) => ({
          run_key: detail.run,
          part: detail.part,
          value: toStorableText(detail.value),
          category: toStorableOrNull(detail.category),
          is_cut: detail.isCut ? 1 : 0,
          received_at: detail.receivedAt,
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(["run_key", "part"])
          .doUpdateSet((eb) => ({
            value: eb.ref("excluded.value"),
            category: eb.ref("excluded.category"),
            is_cut: eb.ref("excluded.is_cut"),
            received_at: eb.ref("excluded.received_at"),
          }))
          .whereRef("excluded.received_at", ">=", "reported_details.received_at"),
      )
      .execute();
  }
};

type Row = Selectable<ReportedDetailTable>;

const select = (db: Kysely<Database>, runs: readonly RunKey[]) =>
  db
    .selectFrom("reported_details")
    .select(["run_key", "part", "category", "is_cut", "received_at"])
    .where("run_key", "in", runs);

export const createReportedDetailRepository = ({ db }: StoreContext): ReportedDetailRepository => ({
  async list(runs, size) {
    if (runs.length === 0) return [];
    const rows: readonly (Row & { readonly characters?: number })[] =
      size === "whole"
        ? await select(db, runs).select("value").execute()
        : await select(db, runs)
            .select(sql<string>`substr(value, 1, ${sql.lit(MESSAGE_BEGINNING)})`.as("value"))
            .select(sql<number>`length(value)`.as("characters"))
            .where("part", "in", SMALL_PARTS)
            .execute();
    return rows.map((row) => ({
      run: toRunKey(row.run_key),
      part: row.part as ReportedPart,
      value: row.value,
      category: row.category,
      isCut: row.is_cut === 1 || (row.characters ?? 0) > MESSAGE_BEGINNING,
      receivedAt: row.received_at,
    }));
  },
});

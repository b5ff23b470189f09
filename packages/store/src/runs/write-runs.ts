import type { RunKey } from "@airfleet/model";
import { type ExpressionBuilder, type Insertable, sql, type Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { Database } from "../schema.ts";
import { type ConfTerm, confTerms, isSameTerms } from "./conf-terms.ts";
import type { MergedRun } from "./merge-batch.ts";
import { type RunRow, toRecord } from "./run-row.ts";
import type { RunTable } from "./run-tables.ts";

/** Rows per statement; a run has some forty columns, and SQLite takes 32,766 parameters. */
const CHUNK = 200;
const SMALL_ROWS = 2_000;

/** Inserts runs unless somebody else has just done so. @returns Number by key of those that were inserted. */
export const insertRuns = async (
  trx: Transaction<Database>,
  rows: readonly Insertable<RunTable>[],
): Promise<ReadonlyMap<RunKey, number>> => {
  const inserted = new Map<RunKey, number>();
  for (const chunk of inChunks(rows, CHUNK)) {
    const made = await trx
      .insertInto("runs")
      .values(chunk)
      .onConflict((conflict) => conflict.column("key").doNothing())
      .returning(["id", "key"])
      .execute();
    for (const { id, key } of made) inserted.set(key as RunKey, id);
  }
  return inserted;
};

const REPLACED = [
  "state",
  "partial",
  "read_at",
  "gone_at",
  "read_state",
  "engine_state",
  "hollow",
  "type",
  "logical_date",
  "interval_start",
  "interval_end",
  "run_after",
  "queued_at",
  "started_at",
  "ended_at",
  "started_ms",
  "ended_ms",
  "stopped_at",
  "stopped_started_at",
  "triggered_by",
  "version_numbers",
  "heard",
  "note",
  "conf",
  "due_at",
  "trigger_id",
  "observations_total",
  "changed_at",
] as const satisfies readonly (keyof RunRow)[];

const excluded = (eb: ExpressionBuilder<Database, "runs">) =>
  Object.fromEntries(REPLACED.map((column) => [column, eb.ref(`excluded.${column}` as never)]));

/** Writes rows that are locked by this transaction, all in one statement. */
export const updateRuns = async (trx: Transaction<Database>, rows: readonly RunRow[]): Promise<void> => {
  for (const chunk of inChunks(rows, CHUNK)) {
    await trx
      .insertInto("runs")
      .values(chunk.map((row) => ({ ...row, id: undefined })))
      .onConflict((conflict) => conflict.column("key").doUpdateSet(excluded))
      .execute();
  }
};

/** History of a run, behind what is there. */
export const appendHistory = async (
  trx: Transaction<Database>,
  runs: readonly { readonly pk: number; readonly known: number; readonly steps: MergedRun["steps"] }[],
  now: number,
): Promise<void> => {
  const rows = runs.flatMap(({ pk, known, steps }) =>
    steps.map((step, index) => ({
      run_pk: pk,
      number: known + index + 1,
      at: step.at,
      recorded_at: now,
      source: step.source,
      kind: step.kind,
      state: step.state,
      engine_state: step.engineState,
    })),
  );
  for (const chunk of inChunks(rows, SMALL_ROWS)) await trx.insertInto("observations").values(chunk).execute();
};

const termRows = (pk: number, dueAt: number, terms: readonly ConfTerm[]) =>
  terms.map(({ name, value }) => ({ name, value, due_at: dueAt, run_pk: pk }));

/** Takes what runs were found by out of the index. */
export const dropTerms = async (trx: Transaction<Database>, rows: readonly RunRow[]): Promise<void> => {
  const terms = rows.flatMap((row) => termRows(row.id, row.due_at, confTerms(toRecord(row))));
  for (const chunk of inChunks(terms, SMALL_ROWS)) {
    const each = chunk.map(
      (term) => sql`(${term.name}, ${term.value}, cast(${term.due_at} as bigint), cast(${term.run_pk} as bigint))`,
    );
    await sql`delete from run_conf where (name, value, due_at, run_pk) in (values ${sql.join(each)})`.execute(trx);
  }
};

/** Keeps the index of conf values in step. */
export const indexConf = async (
  trx: Transaction<Database>,
  runs: readonly { readonly pk: number; readonly before: RunRow | null; readonly merged: MergedRun }[],
): Promise<void> => {
  const added = [];
  const dropped: RunRow[] = [];
  for (const { pk, before, merged } of runs) {
    const terms = confTerms(merged.record);
    if (before !== null) {
      if (before.due_at === merged.dueAt && isSameTerms(confTerms(toRecord(before)), terms)) continue;
      dropped.push(before);
    }
    added.push(...termRows(pk, merged.dueAt, terms));
  }
  await dropTerms(trx, dropped);
  for (const chunk of inChunks(added, SMALL_ROWS)) await trx.insertInto("run_conf").values(chunk).execute();
};

/** Moves the links of a run that turned out to be due at another time. */
export const moveLinks = (trx: Transaction<Database>, pk: number, dueAt: number) =>
  trx
    .updateTable("run_subjects")
    .set({ due_at: sql<number>`${dueAt}` })
    .where("run_pk", "=", pk)
    .execute();

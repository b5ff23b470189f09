import { sql, type Transaction } from "kysely";
import { inTurns } from "../backend/chunks.ts";
import type { Database } from "../schema.ts";

/** Rows per statement. */
const CHUNK = 1_000;

/** A run to link subjects to. */
export interface LinkedRun {
  readonly pk: number;
  readonly dueAt: number;
}

/** A run with the subjects that it is to be linked to. */
export interface NewLinks extends LinkedRun {
  readonly subjectPks: readonly number[];
}

const countLinks = async (trx: Transaction<Database>, runPks: readonly number[]): Promise<void> => {
  if (runPks.length === 0) return;
  await sql`update runs set subjects_total = (select count(*) from run_subjects l where l.run_pk = runs.id)
    where id in (${sql.join(runPks)})`.execute(trx);
};

/** Links runs to subjects. @returns The subjects that are new to a run, by its number. */
export const linkSubjects = async (
  trx: Transaction<Database>,
  runs: readonly NewLinks[],
): Promise<ReadonlyMap<number, readonly number[]>> => {
  const rows = runs.flatMap(({ pk, dueAt, subjectPks }) =>
    [...new Set(subjectPks)].map((subjectPk) => ({ subject_pk: subjectPk, due_at: dueAt, run_pk: pk })),
  );
  const added: { readonly subject_pk: number; readonly run_pk: number }[] = [];
  for await (const chunk of inTurns(rows, CHUNK)) {
    const inserted = trx
      .insertInto("run_subjects")
      .values(chunk)
      .onConflict((conflict) => conflict.columns(["subject_pk", "due_at", "run_pk"]).doNothing())
      .returning(["subject_pk", "run_pk"]);
    added.push(...(await inserted.execute()));
  }
  const byRun = Map.groupBy(added, (row) => row.run_pk);
  await countLinks(trx, [...byRun.keys()]);
  return new Map([...byRun].map(([pk, group]) => [pk, group.map((row) => row.subject_pk)]));
};

/** Subjects that triggers named, by trigger. */
export const subjectsOfTriggers = async (
  trx: Transaction<Database>,
  triggerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly number[]>> => {
  if (triggerIds.length === 0) return new Map();
  const rows = await trx
    .selectFrom("trigger_subjects")
    .select(["trigger_id", "subject_pk"])
    .where("trigger_id", "in", triggerIds)
    .execute();
  const byTrigger = Map.groupBy(rows, (row) => row.trigger_id);
  return new Map([...byTrigger].map(([id, group]) => [id, group.map((row) => row.subject_pk)]));
};

/** Takes subjects away from a run. @returns How many were linked. */
export const unlinkSubjects = async (
  trx: Transaction<Database>,
  run: LinkedRun,
  subjectPks: readonly number[],
): Promise<number> => {
  let unlinked = 0;
  for await (const chunk of inTurns(subjectPks, CHUNK)) {
    const { numDeletedRows } = await trx
      .deleteFrom("run_subjects")
      .where("run_pk", "=", run.pk)
      .where("due_at", "=", run.dueAt)
      .where("subject_pk", "in", chunk)
      .executeTakeFirst();
    unlinked += Number(numDeletedRows);
  }
  if (unlinked > 0) await countLinks(trx, [run.pk]);
  return unlinked;
};

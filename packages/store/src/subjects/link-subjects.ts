import { sql, type Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { Database } from "../schema.ts";

/** Rows per statement. */
const CHUNK = 5_000;

/** A run to link subjects to. */
export interface LinkedRun {
  readonly pk: number;
  readonly dueAt: number;
}

const countLinks = async (trx: Transaction<Database>, runPk: number, by: number): Promise<void> => {
  if (by === 0) return;
  await trx
    .updateTable("runs")
    .set({ subjects_total: sql`subjects_total + ${by}` })
    .where("id", "=", runPk)
    .execute();
};

/** Links subjects to a run. @returns Those that were not linked before. */
export const linkSubjects = async (
  trx: Transaction<Database>,
  run: LinkedRun,
  subjectPks: readonly number[],
): Promise<readonly number[]> => {
  const linked: number[] = [];
  for (const chunk of inChunks(subjectPks, CHUNK)) {
    const rows = await trx
      .insertInto("run_subjects")
      .columns(["subject_pk", "due_at", "run_pk"])
      .expression((eb) =>
        eb
          .selectFrom("subjects")
          .select([
            "id",
            sql<number>`cast(${run.dueAt} as bigint)`.as("due_at"),
            sql<number>`cast(${run.pk} as bigint)`.as("run_pk"),
          ])
          .where("id", "in", chunk),
      )
      .onConflict((conflict) => conflict.columns(["subject_pk", "due_at", "run_pk"]).doNothing())
      .returning("subject_pk")
      .execute();
    linked.push(...rows.map((row) => row.subject_pk));
  }
  await countLinks(trx, run.pk, linked.length);
  return linked;
};

/** Links the subjects that a trigger named to the run that came of it. @returns Those that were not linked before. */
export const linkSubjectsOfTrigger = async (
  trx: Transaction<Database>,
  run: LinkedRun,
  triggerId: string,
): Promise<readonly number[]> => {
  const rows = await trx
    .selectFrom("trigger_subjects")
    .select("subject_pk")
    .where("trigger_id", "=", triggerId)
    .execute();
  return linkSubjects(
    trx,
    run,
    rows.map((row) => row.subject_pk),
  );
};

/** Takes subjects away from a run. @returns How many were linked. */
export const unlinkSubjects = async (
  trx: Transaction<Database>,
  run: LinkedRun,
  subjectPks: readonly number[],
): Promise<number> => {
  let unlinked = 0;
  for (const chunk of inChunks(subjectPks, CHUNK)) {
    const { numDeletedRows } = await trx
      .deleteFrom("run_subjects")
      .where("run_pk", "=", run.pk)
      .where("due_at", "=", run.dueAt)
      .where("subject_pk", "in", chunk)
      .executeTakeFirst();
    unlinked += Number(numDeletedRows);
  }
  await countLinks(trx, run.pk, -unlinked);
  return unlinked;
};

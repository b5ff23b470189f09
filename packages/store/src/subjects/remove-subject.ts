import type { SubjectRef } from "@airfleet/model";
import { sql } from "kysely";
import { retryConflict } from "../backend/retry-conflict.ts";
import type { StoreContext } from "../context.ts";
import { findSubjectPk } from "./upsert-subjects.ts";

/** Links per transaction. */
const CHUNK = 1_000;

/** @returns Whether the subject is gone with the last of its links. */
const removePart = ({ db, profile }: StoreContext, pk: number): Promise<boolean> =>
  db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom("run_subjects")
      .select("run_pk")
      .where("subject_pk", "=", pk)
      .orderBy("due_at")
      .orderBy("run_pk")
      .limit(CHUNK)
      .execute();
    if (rows.length > 0) {
      const runPks = rows.map((row) => row.run_pk);
      // Runs first, as everybody does it.
      await trx
        .selectFrom("runs")
        .select("id")
        .where("id", "in", runPks)
        .orderBy("key")
        .modifyEnd(profile.forUpdate)
        .execute();
      await trx.deleteFrom("run_subjects").where("subject_pk", "=", pk).where("run_pk", "in", runPks).execute();
      await trx
        .updateTable("runs")
        .set({ subjects_total: sql`subjects_total - 1` })
        .where("id", "in", runPks)
        .execute();
    }
    if (rows.length === CHUNK) return false;
    await trx.deleteFrom("trigger_subjects").where("subject_pk", "=", pk).execute();
    await trx.deleteFrom("subjects").where("id", "=", pk).execute();
    return true;
  });

/** See `SubjectRepository.remove`. */
export const removeSubject = async (context: StoreContext, ref: Pick<SubjectRef, "type" | "id">): Promise<boolean> => {
  const pk = await findSubjectPk(context.db, ref);
  if (pk === undefined) return false;
  while (!(await retryConflict(() => removePart(context, pk))));
  return true;
};

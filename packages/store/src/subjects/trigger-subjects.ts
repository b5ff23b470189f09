import type { SubjectRef, TriggerId } from "@airfleet/model";
import { sql, type Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { settleStates } from "./subject-standing.ts";
import { upsertSubjects } from "./upsert-subjects.ts";

/** Rows per statement. */
const CHUNK = 5_000;

type Context = Pick<StoreContext, "clock" | "profile">;

const countPending = async (
  trx: Transaction<Database>,
  context: Context,
  pks: readonly number[],
  by: 1 | -1,
): Promise<void> => {
  for (const chunk of inChunks(pks, CHUNK)) {
    const lock = trx.selectFrom("subjects").select("id").where("id", "in", chunk).orderBy("id");
    if (context.profile.sharedByProcesses) await lock.modifyEnd(context.profile.forUpdate).execute();
    await trx
      .updateTable("subjects")
      .set({ pending_total: sql`pending_total + ${by}` })
      .where("id", "in", chunk)
      .execute();
  }
  await settleStates(trx, context, pks);
};

/**
 * Notes what a trigger is about, in the transaction that records it. The subjects are pending until the trigger's run is
 * observed, which then is about them, or until the trigger ends without one.
 *
 * @returns How many subjects the trigger has.
 */
export const linkTriggerSubjects = async (
  trx: Transaction<Database>,
  context: Context,
  triggerId: TriggerId,
  refs: readonly SubjectRef[],
): Promise<number> => {
  const pks = [...(await upsertSubjects(trx, context, refs)).values()].toSorted((left, right) => left - right);
  const added: number[] = [];
  for (const chunk of inChunks(pks, CHUNK)) {
    const rows = await trx
      .insertInto("trigger_subjects")
      .values(chunk.map((pk) => ({ subject_pk: pk, trigger_id: triggerId, is_pending: 1 })))
      .onConflict((conflict) => conflict.columns(["subject_pk", "trigger_id"]).doNothing())
      .returning("subject_pk")
      .execute();
    added.push(...rows.map((row) => row.subject_pk));
  }
  await countPending(trx, context, added, 1);
  return pks.length;
};

/** The subjects of these triggers wait no more: a run came of it, or none will. */
export const closeTriggerSubjects = async (
  trx: Transaction<Database>,
  context: Context,
  triggerIds: readonly TriggerId[],
): Promise<void> => {
  for (const triggerId of triggerIds) {
    const rows = await trx
      .updateTable("trigger_subjects")
      .set({ is_pending: 0 })
      .where("trigger_id", "=", triggerId)
      .where("is_pending", "=", 1)
      .returning("subject_pk")
      .execute();
    const pks = rows.map((row) => row.subject_pk).toSorted((left, right) => left - right);
    await countPending(trx, context, pks, -1);
  }
};

/** Forgets what these triggers were about, when they are forgotten themselves. */
export const forgetTriggerSubjects = async (
  trx: Transaction<Database>,
  context: Context,
  triggerIds: readonly TriggerId[],
): Promise<void> => {
  await closeTriggerSubjects(trx, context, triggerIds);
  for (const chunk of inChunks(triggerIds, CHUNK)) {
    await trx.deleteFrom("trigger_subjects").where("trigger_id", "in", chunk).execute();
  }
};

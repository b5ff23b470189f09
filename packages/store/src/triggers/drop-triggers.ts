import type { TriggerId } from "@airfleet/model";
import type { StoreContext } from "../context.ts";
import { forgetTriggerSubjects } from "../subjects/trigger-subjects.ts";

/**
 * Drops triggers with their attempts. A trigger that an idempotency key stands for keeps its name, its run and how it
 * ended, which is all that a repeated key needs.
 */
export const dropTriggers = (context: StoreContext, ids: readonly TriggerId[]): Promise<number> =>
  context.db.transaction().execute(async (trx) => {
    if (ids.length === 0) return 0;
    await forgetTriggerSubjects(trx, context, ids);
    await trx.deleteFrom("trigger_attempts").where("trigger_id", "in", ids).execute();
    const removed = await trx
      .deleteFrom("triggers")
      .where("id", "in", ids)
      .where("is_keyed", "=", 0)
      .returning("id")
      .execute();
    const reduced = await trx
      .updateTable("triggers")
      .set({
        request: "{}",
        subjects: "[]",
        warnings: "[]",
        error_message: null,
        look_at: null,
        dropped_at: context.clock(),
      })
      .where("id", "in", ids)
      .where("dropped_at", "is", null)
      .returning("id")
      .execute();
    return removed.length + reduced.length;
  });

/** Forgets old requests of which nothing but names is left. */
export const forgetRequests = ({ db }: StoreContext, before: number, batch: number): Promise<number> =>
  db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom("trigger_requests")
      .select("id")
      .where("created_at", "<", before)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("triggers")
              .select("triggers.id")
              .whereRef("triggers.request_id", "=", "trigger_requests.id")
              .where("triggers.dropped_at", "is", null),
          ),
        ),
      )
      .orderBy("created_at")
      .limit(batch)
      .execute();
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    await trx.deleteFrom("triggers").where("request_id", "in", ids).execute();
    await trx.deleteFrom("trigger_requests").where("id", "in", ids).execute();
    return ids.length;
  });

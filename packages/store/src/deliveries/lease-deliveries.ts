import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { toStorableOrNull } from "../text/storable-text.ts";
import { toDelivery } from "./append-deliveries.ts";
import type {
  DeliveryAttempt,
  DeliveryLease,
  DeliveryRepository,
  DeliveryVerdict,
  LeasedDelivery,
} from "./delivery-repository.ts";

/** As for actions: a delivery whose sender died is due again when its lease has run out by the store's clock. */
export const claimDeliveries = async (
  { db, now, profile }: StoreContext,
  { receiver, owner, limit, leaseMs }: Parameters<DeliveryRepository["claim"]>[0],
): Promise<readonly LeasedDelivery[]> => {
  const rows = await db
    .updateTable("deliveries")
    .set((eb) => ({
      lease_owner: owner,
      lease_until: sql<number>`${now()} + ${leaseMs}`,
      fencing_token: eb("fencing_token", "+", 1),
    }))
    .where("id", "in", (eb) =>
      eb
        .selectFrom("deliveries")
        .select("id")
        .where("receiver", "=", receiver)
        .where("state", "=", sql.lit("pending"))
        .where("not_before", "<=", now())
        .where((due) => due.or([due("lease_until", "is", null), due("lease_until", "<=", now())]))
        .orderBy("not_before")
        .orderBy("id")
        .limit(limit)
        .modifyEnd(profile.forUpdateSkipLocked),
    )
    .returningAll()
    .execute();
  rows.sort((left, right) => (left.id < right.id ? -1 : 1));
  return rows.map((row) => ({ delivery: toDelivery(row), lease: { id: row.id, fencingToken: row.fencing_token } }));
};

/** Writes a try down with what follows from it, in one transaction; false when the lease was lost. */
export const settleDelivery = (
  { db, now }: StoreContext,
  { id, fencingToken }: DeliveryLease,
  attempt: DeliveryAttempt,
  verdict: DeliveryVerdict,
): Promise<boolean> =>
  db.transaction().execute(async (trx) => {
    const isOver = verdict.state !== "pending";
    const row = await trx
      .updateTable("deliveries")
      .set((eb) => ({
        state: verdict.state,
        attempts: eb("attempts", "+", 1),
        tries_left: eb("tries_left", "-", 1),
        last_status: attempt.status,
        last_error: toStorableOrNull(attempt.error),
        lease_owner: null,
        lease_until: null,
        not_before: isOver ? eb.ref("not_before") : sql<number>`${now()} + ${verdict.retryAfterMs}`,
        finished_at: isOver ? now() : null,
      }))
      .where("id", "=", id)
      .where("state", "=", "pending")
      .where("fencing_token", "=", fencingToken)
      .returning("attempts")
      .executeTakeFirst();
    if (row === undefined) return false;
    await trx
      .insertInto("delivery_attempts")
      .values({
        delivery_id: id,
        attempt: row.attempts,
        at: attempt.at,
        duration_ms: attempt.durationMs,
        status: attempt.status,
        answer: toStorableOrNull(attempt.answer),
        error: toStorableOrNull(attempt.error),
      })
      .execute();
    return true;
  });

export const releaseDelivery = async ({ db }: StoreContext, { id, fencingToken }: DeliveryLease): Promise<void> => {
  await db
    .updateTable("deliveries")
    .set({ lease_owner: null, lease_until: null })
    .where("id", "=", id)
    .where("state", "=", "pending")
    .where("fencing_token", "=", fencingToken)
    .execute();
};

/** Frees what a former process of a store with a single process had leased. */
export const reclaimAllDeliveries = async ({ db }: Pick<StoreContext, "db">): Promise<void> => {
  await db
    .updateTable("deliveries")
    .set({ lease_owner: null, lease_until: null })
    .where("state", "=", "pending")
    .where("lease_until", "is not", null)
    .execute();
};

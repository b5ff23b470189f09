import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor, toPage } from "../paging/cursor.ts";
import { appendDeliveries, toDelivery } from "./append-deliveries.ts";
import type { DeliveryQuery, DeliveryRepository } from "./delivery-repository.ts";
import { claimDeliveries, releaseDelivery, settleDelivery } from "./lease-deliveries.ts";

/** A backlog is counted up to here; a person need not know more exactly. */
const COUNTED = 10_000;

const advance = (
  context: StoreContext,
  { name, from, to }: Parameters<DeliveryRepository["advance"]>[0],
  deliveries: Parameters<DeliveryRepository["advance"]>[1],
): Promise<boolean> =>
  context.db.transaction().execute(async (trx) => {
    // Whoever finds the cursor moved has read the same events as somebody else, who has written already.
    const moved = await trx
      .updateTable("event_cursors")
      .set({ seq: to, updated_at: context.clock() })
      .where("name", "=", name)
      .where("seq", "=", from)
      .returning("seq")
      .executeTakeFirst();
    if (moved === undefined) return false;
    await appendDeliveries(trx, context, deliveries);
    return true;
  });

const readCursor = async ({ db, clock }: StoreContext, name: string): Promise<number> => {
  const find = () => db.selectFrom("event_cursors").select("seq").where("name", "=", name).executeTakeFirst();
  const known = await find();
  if (known !== undefined) return known.seq;
  const head = await db.selectFrom("sequences").select("seq").where("name", "=", "events").executeTakeFirstOrThrow();
  await db
    .insertInto("event_cursors")
    .values({ name, seq: head.seq, updated_at: clock() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await find())?.seq ?? head.seq;
};

const sweep = async ({ db }: StoreContext, before: number, batch: number): Promise<number> =>
  db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom("deliveries")
      .select("id")
      .where("finished_at", "<", before)
      .limit(batch)
      .execute();
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    await trx.deleteFrom("delivery_attempts").where("delivery_id", "in", ids).execute();
    await trx.deleteFrom("deliveries").where("id", "in", ids).execute();
    return rows.length;
  });

/** What is sent out; at least once each, in no promised order. */
export const createDeliveryRepository = (context: StoreContext): DeliveryRepository => {
  const { db, now } = context;
  let fenced = 0;

  const list = async ({ limit, after, ...filter }: DeliveryQuery) => {
    const [before] = after === undefined ? [] : fromCursor("deliveries", filter, ["string"], after);
    if (filter.receivers.length === 0 || filter.states?.length === 0) return { items: [], next: null };
    let rows = db
      .selectFrom("deliveries")
      .selectAll()
      .where("receiver", "in", filter.receivers)
      .orderBy("id", "desc")
      .limit(limit + 1);
    if (before !== undefined) rows = rows.where("id", "<", String(before));
    if (filter.states !== undefined) rows = rows.where("state", "in", filter.states);
    const cursor = (last: { readonly id: string }): string => toCursor("deliveries", filter, [last.id]);
    return toPage(await rows.execute(), limit, { item: toDelivery, cursor });
  };

  const countOf = async (receiver: string, state: string): Promise<number> => {
    const counted = db
      .selectFrom("deliveries")
      .select("id")
      .where("receiver", "=", receiver)
      .where("state", "=", state)
      .limit(COUNTED)
      .as("counted");
    const row = await db
      .selectFrom(counted)
      .select((eb) => eb.fn.countAll<number>().as("rows"))
      .executeTakeFirstOrThrow();
    return row.rows;
  };

  /** Tries anew what these rows are about. */
  const again = (tries: number) =>
    db.updateTable("deliveries").set({
      state: "pending",
      tries_left: tries,
      not_before: now(),
      finished_at: null,
      lease_owner: null,
      lease_until: null,
    });

  return {
    cursor: (name) => readCursor(context, name),
    advance: (cursor, deliveries) => advance(context, cursor, deliveries),
    add: (deliveries) => db.transaction().execute((trx) => appendDeliveries(trx, context, deliveries)),
    claim: (request) => claimDeliveries(context, request),
    release: (lease) => releaseDelivery(context, lease),
    list,
    fencedCount: () => fenced,

    async settle(lease, attempt, verdict) {
      const isOurs = await settleDelivery(context, lease, attempt, verdict);
      if (!isOurs) fenced += 1;
      return isOurs;
    },

    async dueInMs(receiver) {
      const row = await db
        .selectFrom("deliveries")
        .select(sql<number>`coalesce(lease_until, not_before) - ${now()}`.as("wait"))
        .where("receiver", "=", receiver)
        .where("state", "=", sql.lit("pending"))
        .orderBy("not_before")
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : Math.max(0, row.wait);
    },

    async find(id) {
      const row = await db.selectFrom("deliveries").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toDelivery(row);
    },

    async attempts(id) {
      const rows = await db
        .selectFrom("delivery_attempts")
        .selectAll()
        .where("delivery_id", "=", id)
        .orderBy("attempt")
        .execute();
      return rows.map(({ attempt, at, duration_ms: durationMs, status, answer, error }) => ({
        attempt,
        at,
        durationMs,
        status,
        answer,
        error,
      }));
    },

    async backlog(receiver) {
      const oldest = await db
        .selectFrom("deliveries")
        .select("created_at")
        .where("receiver", "=", receiver)
        .where("state", "=", "pending")
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
      const [pending, dead] = [await countOf(receiver, "pending"), await countOf(receiver, "dead")];
      return { pending, dead, oldestPendingAt: oldest?.created_at ?? null };
    },

    async redeliver(id, tries) {
      const row = await again(tries)
        .where("id", "=", id)
        .where("state", "<>", "pending")
        .returning("id")
        .executeTakeFirst();
      return row !== undefined;
    },

    async redeliverDead(receiver, tries) {
      const rows = await again(tries)
        .where("receiver", "=", receiver)
        .where("state", "=", "dead")
        .returning("id")
        .execute();
      return rows.length;
    },

    async abandon(receiver, reason) {
      const rows = await db
        .updateTable("deliveries")
        .set((eb) => ({
          state: "dead",
          last_error: reason,
          lease_owner: null,
          lease_until: null,
          fencing_token: eb("fencing_token", "+", 1),
          finished_at: now(),
        }))
        .where("receiver", "=", receiver)
        .where("state", "=", "pending")
        .returning("id")
        .execute();
      return rows.length;
    },

    sweep: (before, batch = 500) => sweep(context, before, batch),
  };
};

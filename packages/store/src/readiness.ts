import { sql } from "kysely";
import type { StoreContext } from "./context.ts";

/** Probes come from several balancers at once; one write a second tells as much. */
const REMEMBERED_MS = 1_000;

/** Whether the store takes writes: a read would still succeed on a full disk or a standby. */
export const createReadinessCheck = ({ db, clock }: StoreContext): (() => Promise<void>) => {
  let readyAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock();
    if (Math.abs(now - readyAt) < REMEMBERED_MS) return;
    await db
      .insertInto("store_facts")
      .values({ name: "checked_at", value: String(now) })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ value: sql`excluded.value` }))
      .execute();
    readyAt = now;
  };
};

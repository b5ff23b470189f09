import type { Selectable, Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { objectFromJson } from "../text/stored-json.ts";
import { toStorableOrNull } from "../text/storable-text.ts";
import type { DeliveryState, NewDelivery, StoredDelivery } from "./delivery-repository.ts";
import type { DeliveryTable } from "./delivery-table.ts";

/** Twelve parameters a row: below what both databases take in one statement. */
const ROWS_PER_STATEMENT = 1_000;

/** Adds deliveries within somebody else's transaction. @returns The ids of those that are new. */
export const appendDeliveries = async (
  trx: Transaction<Database>,
  { newId, now, clock }: Pick<StoreContext, "newId" | "now" | "clock">,
  deliveries: readonly NewDelivery[],
): Promise<readonly string[]> => {
  const added: string[] = [];
  for (let start = 0; start < deliveries.length; start += ROWS_PER_STATEMENT) {
    const values = deliveries.slice(start, start + ROWS_PER_STATEMENT).map((one) => ({
      id: newId("msg"),
      receiver: one.receiver,
      type: one.type,
      state: "pending",
      dedupe_key: one.dedupeKey ?? null,
      instance_id: toStorableOrNull(one.instance),
      payload: JSON.stringify(one.payload),
      attempts: 0,
      tries_left: one.tries,
      fencing_token: 0,
      not_before: now(),
      created_at: clock(),
    }));
    const rows = await trx
      .insertInto("deliveries")
      .values(values)
      .onConflict((conflict) => conflict.column("dedupe_key").doNothing())
      .returning("id")
      .execute();
    added.push(...rows.map(({ id }) => id));
  }
  return added;
};

export const toDelivery = (row: Selectable<DeliveryTable>): StoredDelivery => ({
  id: row.id,
  receiver: row.receiver,
  type: row.type,
  state: row.state as DeliveryState,
  instance: row.instance_id,
  payload: objectFromJson(row.payload),
  attempts: row.attempts,
  triesLeft: row.tries_left,
  lastStatus: row.last_status,
  lastError: row.last_error,
  notBefore: row.not_before,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
});

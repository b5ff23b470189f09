import { AirfleetError } from "@airfleet/model";
import type { Kysely } from "kysely";
import type { Database } from "./schema.ts";

const FACT = "key_id";

/** The id of the key that this store's secrets are encrypted with; undefined for a store that has none yet. */
export const storedKeyId = async (db: Kysely<Database>): Promise<string | undefined> => {
  const row = await db.selectFrom("store_facts").select("value").where("name", "=", FACT).executeTakeFirst();
  return row?.value;
};

/** Notes the key of a new store, or compares. @throws {AirfleetError} SECRET_KEY_WRONG naming both ids, never a key. */
export const checkKey = async (db: Kysely<Database>, given: string): Promise<void> => {
  await db
    .insertInto("store_facts")
    .values({ name: FACT, value: given })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const expected = await storedKeyId(db);
  if (expected !== given) throw new AirfleetError("SECRET_KEY_WRONG", { given, expected: expected ?? "none" });
};

/** Notes that the store is encrypted with another key from now on. */
export const replaceKeyId = async (db: Kysely<Database>, keyId: string): Promise<void> => {
  await db.updateTable("store_facts").set({ value: keyId }).where("name", "=", FACT).execute();
};

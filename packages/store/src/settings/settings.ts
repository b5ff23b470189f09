import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { fromJson } from "../text/stored-json.ts";

/** Small things the house remembers, by name. Values are JSON; none is secret. */
export interface SettingRepository {
  get(key: string): Promise<unknown>;
  list(): Promise<readonly { readonly key: string; readonly value: unknown; readonly updatedAt: number }[]>;
  set(key: string, value: unknown): Promise<void>;
  remove(key: string): Promise<void>;
}

export const createSettingRepository = ({ db, clock }: StoreContext): SettingRepository => ({
  async get(key) {
    const row = await db.selectFrom("settings").select("value").where("key", "=", key).executeTakeFirst();
    return row === undefined ? undefined : fromJson(row.value);
  },

  async list() {
    const rows = await db.selectFrom("settings").selectAll().orderBy("key").execute();
    return rows.map((row) => ({ key: row.key, value: fromJson(row.value), updatedAt: row.updated_at }));
  },

  async set(key, value) {
    await db
      .insertInto("settings")
      .values({ key, value: JSON.stringify(value), updated_at: clock() })
      .onConflict((conflict) =>
        conflict.column("key").doUpdateSet({ value: sql`excluded.value`, updated_at: sql`excluded.updated_at` }),
      )
      .execute();
  },

  async remove(key) {
    await db.deleteFrom("settings").where("key", "=", key).execute();
  },
});

import { type InstanceId, toInstanceId } from "@airfleet/model";
import { sql } from "kysely";
import type { StoreContext } from "../context.ts";

/** An instance that this store has ever had to do with. */
export interface KnownInstance {
  readonly id: InstanceId;
  /** `stored`, or the file that defined it last. */
  readonly source: string;
  /** False as well once it is defined nowhere any more. */
  readonly enabled: boolean;
  /** Epoch milliseconds. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
}

/** Every instance there has been, so that history keeps its name after the instance has left the files. */
export interface KnownInstanceRepository {
  list(): Promise<readonly KnownInstance[]>;
  /** Notes the fleet as configured now; known ones that are not among `current` become disabled. */
  remember(current: readonly Pick<KnownInstance, "id" | "source" | "enabled">[]): Promise<void>;
}

export const createKnownInstanceRepository = ({ db, clock }: StoreContext): KnownInstanceRepository => ({
  async list() {
    const rows = await db.selectFrom("known_instances").selectAll().orderBy("id").execute();
    return rows.map((row) => ({
      id: toInstanceId(row.id),
      source: row.source,
      enabled: row.enabled === 1,
      firstSeenAt: row.first_seen_at,
      lastSeenAt: row.last_seen_at,
    }));
  },

  async remember(current) {
    const now = clock();
    const rows = current.map(({ id, source, enabled }) => ({
      id,
      source,
      enabled: enabled ? 1 : 0,
      first_seen_at: now,
      last_seen_at: now,
    }));
    await db.transaction().execute(async (trx) => {
      const ids = rows.map(({ id }) => id);
      const others = trx.updateTable("known_instances").set({ enabled: 0 }).where("enabled", "=", 1);
      await (ids.length === 0 ? others : others.where("id", "not in", ids)).execute();
      if (rows.length === 0) return;
      await trx
        .insertInto("known_instances")
        .values(rows)
        .onConflict((conflict) =>
          conflict.column("id").doUpdateSet({
            source: sql`excluded.source`,
            enabled: sql`excluded.enabled`,
            last_seen_at: sql`excluded.last_seen_at`,
          }),
        )
        .execute();
    });
  },
});

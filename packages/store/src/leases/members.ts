import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { textsFromJson } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";

/** A server process. */
export interface Member {
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  /** What it does: `api`, `worker`. */
  readonly roles: readonly string[];
  /** By the store's clock, epoch milliseconds. */
  readonly startedAt: number;
  readonly seenAt: number;
}

/** The server processes on this store, so that limits per instance can be divided by how many there are. */
export interface MemberRepository {
  /** Says that this process lives; every 10 s or so. */
  heartbeat(member: Pick<Member, "id" | "hostname" | "pid" | "roles">): Promise<void>;
  /** Those heard of within `withinMs`, oldest first. */
  live(withinMs: number): Promise<readonly Member[]>;
  leave(id: string): Promise<void>;
  /** Drops those not heard of for `olderThanMs`. */
  sweep(olderThanMs: number): Promise<void>;
}

export const createMemberRepository = ({ db, now }: StoreContext): MemberRepository => ({
  async heartbeat({ id, hostname, pid, roles }) {
    await db
      .insertInto("members")
      .values({
        id,
        hostname: toStorableText(hostname),
        pid,
        roles: JSON.stringify(roles),
        started_at: now(),
        seen_at: now(),
      })
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ seen_at: sql`excluded.seen_at` }))
      .execute();
  },

  async live(withinMs) {
    const rows = await db
      .selectFrom("members")
      .selectAll()
      .where("seen_at", ">", sql<number>`${now()} - ${withinMs}`)
      .orderBy("started_at")
      .orderBy("id")
      .execute();
    return rows.map((row) => ({
      id: row.id,
      hostname: row.hostname,
      pid: row.pid,
      roles: textsFromJson(row.roles),
      startedAt: row.started_at,
      seenAt: row.seen_at,
    }));
  },

  async leave(id) {
    await db.deleteFrom("members").where("id", "=", id).execute();
  },

  async sweep(olderThanMs) {
    await db.deleteFrom("members").where("seen_at", "<=", sql<number>`${now()} - ${olderThanMs}`).execute();
  },
});

import { sql } from "kysely";
import type { StoreContext } from "../context.ts";

/** A role that one process holds for all: the poller of an instance, the sequencer. */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  /** Rises with each change of owner; never falls. A write that carries an older one comes from a former owner. */
  readonly term: number;
  /** By the clock that the store measures leases with, epoch milliseconds. */
  readonly expiresAt: number;
}

/** Named leases with a time to live. No two terms of one name overlap by the store's clock. */
export interface LeaseRepository {
  /** Takes the lease if it is free, expired or ours already; undefined when another owner has it. */
  acquire(request: {
    readonly name: string;
    readonly owner: string;
    readonly ttlMs: number;
  }): Promise<Lease | undefined>;
  /** Prolongs it; undefined when it has expired or changed hands, which must end the work done under it. */
  renew(lease: Lease, ttlMs: number): Promise<Lease | undefined>;
  /** Gives it back, if it is still ours. */
  release(lease: Lease): Promise<void>;
  find(name: string): Promise<Lease | undefined>;
}

interface LeaseRow {
  readonly name: string;
  readonly owner: string;
  readonly term: number;
  readonly expires_at: number;
}

const fromRow = (row: LeaseRow | undefined): Lease | undefined =>
  row === undefined ? undefined : { name: row.name, owner: row.owner, term: row.term, expiresAt: row.expires_at };

export const createLeaseRepository = ({ db, now }: StoreContext): LeaseRepository => ({
  async acquire({ name, owner, ttlMs }) {
    const isOurs = sql<boolean>`leases.owner = ${owner} and leases.expires_at > ${now()}`;
    const row = await db
      .insertInto("leases")
      .values({ name, owner, term: 1, expires_at: sql<number>`${now()} + ${ttlMs}` })
      .onConflict((conflict) =>
        conflict
          .column("name")
          .doUpdateSet({
            owner,
            term: sql<number>`case when ${isOurs} then leases.term else leases.term + 1 end`,
            expires_at: sql<number>`${now()} + ${ttlMs}`,
          })
          .where((eb) => eb.or([isOurs, sql<boolean>`leases.expires_at <= ${now()}`])),
      )
      .returningAll()
      .executeTakeFirst();
    return fromRow(row);
  },

  async renew({ name, owner, term }, ttlMs) {
    const row = await db
      .updateTable("leases")
      .set({ expires_at: sql<number>`${now()} + ${ttlMs}` })
      .where("name", "=", name)
      .where("owner", "=", owner)
      .where("term", "=", term)
      .where("expires_at", ">", now())
      .returningAll()
      .executeTakeFirst();
    return fromRow(row);
  },

  async release({ name, owner, term }) {
    // The row stays, so that the next owner's term is higher.
    await db
      .updateTable("leases")
      .set({ expires_at: 0 })
      .where("name", "=", name)
      .where("owner", "=", owner)
      .where("term", "=", term)
      .execute();
  },

  async find(name) {
    const row = await db.selectFrom("leases").selectAll().where("name", "=", name).executeTakeFirst();
    return fromRow(row);
  },
});

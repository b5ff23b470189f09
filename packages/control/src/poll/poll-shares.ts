import { createHash } from "node:crypto";
import type { InstanceId } from "@airfleet/model";
import type { Lease, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";

/**
 * Which of several server processes polls which instance.
 *
 * Instances fall into a fixed number of buckets, and each bucket is a lease, so that the cost of sharing does not grow
 * with the fleet. Who should hold a bucket follows from the list of live processes alone (the highest hash of process
 * and bucket); who may poll is whoever holds the lease. So the work moves by itself when a process comes or dies, and
 * two processes never hold one bucket.
 */
export interface PollShares {
  /** Whether this process may poll the instance now. */
  owns(instance: InstanceId): boolean;
  /** Takes, keeps and gives up buckets according to who lives. To be called well within `ttlMs`. */
  settle(members: readonly string[]): Promise<void>;
  /** Gives everything up. */
  release(): Promise<void>;
}

const BUCKETS = 16;
/** An instant before the lease ends by the store's clock, it has ended for us. */
const MARGIN_MS = 2_000;

const hashOf = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE(0);

export const bucketOf = (instance: InstanceId): number => hashOf(instance) % BUCKETS;

/** The process that should hold a bucket: each change of the list moves only the buckets that it must. */
export const preferredMember = (bucket: number, members: readonly string[]): string | undefined =>
  members.reduce<string | undefined>((best, member) => {
    if (best === undefined) return member;
    return hashOf(`${member} ${bucket}`) > hashOf(`${best} ${bucket}`) ? member : best;
  }, undefined);

interface ShareOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly owner: string;
  readonly ttlMs: number;
}

export const createPollShares = ({ store, clock, owner, ttlMs }: ShareOptions): PollShares => {
  const held = new Map<number, { readonly lease: Lease; readonly until: number }>();

  const settleBucket = async (bucket: number, wanted: boolean): Promise<void> => {
    const mine = held.get(bucket);
    if (!wanted) {
      held.delete(bucket);
      if (mine !== undefined) await store.leases.release(mine.lease);
      return;
    }
    const askedAt = clock.now();
    const name = `poll:${bucket}`;
    const lease =
      mine === undefined
        ? await store.leases.acquire({ name, owner, ttlMs })
        : await store.leases.renew(mine.lease, ttlMs);
    if (lease === undefined) held.delete(bucket);
    else held.set(bucket, { lease, until: askedAt + ttlMs - MARGIN_MS });
  };

  return {
    owns: (instance) => (held.get(bucketOf(instance))?.until ?? 0) > clock.now(),

    async settle(members) {
      for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
        await settleBucket(bucket, preferredMember(bucket, members) === owner);
      }
    },

    async release() {
      for (const { lease } of held.values()) await store.leases.release(lease);
      held.clear();
    },
  };
};

/** For a store that one process has for itself. */
export const wholeFleet: PollShares = {
  owns: () => true,
  settle: () => Promise.resolve(),
  release: () => Promise.resolve(),
};

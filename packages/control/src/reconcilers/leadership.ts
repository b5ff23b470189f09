import type { Lease, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";

/** A role that one process has for all, for economy: what it writes must be safe without. */
export interface Leadership {
  /** Whether it is ours now; asks the store at most three times a lease. */
  lead(): Promise<boolean>;
  /** Gives it to whoever asks next. */
  release(): Promise<void>;
}

interface LeadershipPorts {
  readonly store: Pick<Store, "leases" | "sharedByProcesses">;
  readonly name: string;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: Clock;
}

export const createLeadership = ({ store, name, owner, leaseMs, clock }: LeadershipPorts): Leadership => {
  let lease: Lease | undefined;
  let renewAt = 0;
  return {
    async lead() {
      if (!store.sharedByProcesses) return true;
      if (lease !== undefined && clock.now() < renewAt) return true;
      const askedAt = clock.now();
      lease =
        lease === undefined
          ? await store.leases.acquire({ name, owner, ttlMs: leaseMs })
          : await store.leases.renew(lease, leaseMs);
      renewAt = askedAt + leaseMs / 3;
      return lease !== undefined;
    },
    async release() {
      if (lease !== undefined) await store.leases.release(lease);
      lease = undefined;
    },
  };
};

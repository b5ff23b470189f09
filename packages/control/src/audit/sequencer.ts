import type { Lease, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";

interface SequencerPorts {
  readonly store: Store;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Events were given their places, and can be told. */
  readonly onPlaced: () => void;
}

const LEASE_NAME = "sequencer";
const BATCH = 500;
/** How soon a row of another process is seen while there is work. */
const BUSY_MS = 25;
/** Who writes once writes again in a moment: what comes within this time gets its place in one write. */
const GATHER_MS = 25;
/** How far the sleep grows when there is none. On a store of our own a wake-up comes with every row. */
const IDLE_CAP_MS = { shared: 400, own: 30_000 } as const;
const NOT_LEADER_MS = 5_000;

/**
 * Gives audit rows and events their place and the audit rows their hash, within 50 ms of their writing. One process
 * does it for all; the lease is for economy, as the store itself lets no two sequencers interleave.
 */
export const createSequencer = ({
  store,
  owner,
  leaseMs,
  clock,
  logger,
  random,
  onPlaced,
}: SequencerPorts): Loop & { release(): Promise<void> } => {
  let lease: Lease | undefined;
  let renewAt = 0;
  let idleMs = BUSY_MS;
  const idleCapMs = store.sharedByProcesses ? IDLE_CAP_MS.shared : IDLE_CAP_MS.own;

  const lead = async (): Promise<boolean> => {
    if (!store.sharedByProcesses) return true;
    if (lease !== undefined && clock.now() < renewAt) return true;
    const askedAt = clock.now();
    lease =
      lease === undefined
        ? await store.leases.acquire({ name: LEASE_NAME, owner, ttlMs: leaseMs })
        : await store.leases.renew(lease, leaseMs);
    renewAt = askedAt + leaseMs / 3;
    return lease !== undefined;
  };

  const step = async (): Promise<number> => {
    if (!(await lead())) return NOT_LEADER_MS;
    // Both at once: they share a commit where writers can.
    const [told, chained] = await Promise.all([store.events.sequence(BATCH), store.audit.sequence(BATCH)]);
    if (told > 0) onPlaced();
    const placed = told + chained;
    if (placed >= BATCH) return 0;
    idleMs = placed > 0 ? BUSY_MS : Math.min(idleCapMs, idleMs * 2);
    return idleMs;
  };

  const loop = createLoop({ name: "sequence", step, clock, logger, random });
  let cancelGathering: (() => void) | undefined;
  return {
    ...loop,
    wake() {
      cancelGathering ??= clock.after(GATHER_MS, () => {
        cancelGathering = undefined;
        loop.wake();
      });
    },
    async stop() {
      cancelGathering?.();
      await loop.stop();
    },
    async release() {
      if (lease !== undefined) await store.leases.release(lease);
      lease = undefined;
    },
  };
};

import type { Store } from "@airfleet/store";
import type { createSequencer } from "../audit/sequencer.ts";
import type { Clock } from "../clock.ts";
import type { ControlSettings } from "../control-settings.ts";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import type { PollReconciler } from "../poll/poll-reconciler.ts";
import type { PollShares } from "../poll/poll-shares.ts";
import { createLoop, type Loop } from "./loop.ts";
import { createMembership } from "./membership.ts";
import { createRetention } from "./retention.ts";

interface ReconcilerPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly conditions: InstanceConditions;
  readonly shares: PollShares;
  readonly polling: PollReconciler;
  readonly sequencer: ReturnType<typeof createSequencer>;
  readonly acting: Loop;
  /** Takes over what other processes changed about the instances. */
  readonly refreshInstances: () => Promise<void>;
  readonly owner: string;
  readonly settings: ControlSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Everything that goes on without being asked for. */
export interface Reconcilers {
  start(): void;
  /** The fleet has changed: pollers follow it. */
  followFleet(): void;
  /** Ends polling and taking over; what is being carried out goes on. */
  stopClaiming(): Promise<void>;
  /** Writes the last rows' places, gives up leases, ends the rest. */
  finish(): Promise<void>;
}

/** How soon this process sees what another one has read or changed. */
const REFRESH_MS = 2_000;

export const createReconcilers = (ports: ReconcilerPorts): Reconcilers => {
  const { store, registry, conditions, shares, polling, sequencer, acting, refreshInstances } = ports;
  const { owner, settings, clock, logger, random } = ports;
  const { heartbeatMs, leaseMs } = settings;
  let started = false;

  /** On a store of our own there is nobody to hear of and nothing that others change. */
  const membership = store.sharedByProcesses
    ? createMembership({
        store,
        id: owner,
        roles: settings.poll ? ["api", "worker"] : ["api"],
        onMembers: async (ids, roles) => {
          registry.setProcesses(Math.max(1, ids.length));
          if (settings.poll) await shares.settle(ids.filter((id) => roles.get(id)?.includes("worker") === true));
        },
        heartbeatMs,
        leaseMs,
        clock,
        logger,
        random,
      })
    : undefined;
  const refreshing = store.sharedByProcesses
    ? createLoop({
        name: "refresh",
        step: async () => {
          await conditions.load();
          await refreshInstances();
          return REFRESH_MS;
        },
        clock,
        logger,
        random,
        spreadMs: REFRESH_MS,
      })
    : undefined;
  const retention = createRetention({ store, settings, clock, logger, random });

  const followFleet = (): void => {
    if (started && settings.poll) polling.follow();
  };

  return {
    followFleet,
    start() {
      if (started) return;
      started = true;
      for (const loop of [membership, refreshing, retention, acting, sequencer]) loop?.start();
      followFleet();
    },
    async stopClaiming() {
      started = false;
      await Promise.all([polling.stop(), acting.stop(), retention.stop(), refreshing?.stop()]);
    },
    async finish() {
      await Promise.all([sequencer.stop(), membership?.stop()]);
      try {
        await Promise.all([store.audit.sequence(), store.events.sequence()]);
        await Promise.all([sequencer.release(), shares.release(), membership?.leave()]);
      } catch (error) {
        logger.warn({ err: error }, "leases could not be given up; they will run out");
      }
    },
  };
};

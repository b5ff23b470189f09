import type { InstanceId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop } from "../reconcilers/loop.ts";

interface ReconcilerPorts {
  readonly store: Pick<Store, "deployments" | "leases">;
  readonly deploy: (instance: InstanceId, signal: AbortSignal) => Promise<void>;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

export interface DeploymentReconciler {
  start(): void;
  /** Something is to be done at once. */
  wake(): void;
  stop(): Promise<void>;
}

/** Longest sleep: what another process recorded is found then. */
const LOOK_MS = 1_000;
/** Instances whose deployments are carried on at a time. */
const AT_ONCE = 16;
/** After a step that failed inside us. */
const TROUBLE_MS = 5_000;

/**
 * Carries deployments on, each instance for itself: one that is slow or does not answer delays no other. A lease per
 * instance keeps two processes from writing to one target at a time; every row is written over the version that was read,
 * so that whoever lost the lease writes nothing.
 */
export const createDeploymentReconciler = (ports: ReconcilerPorts): DeploymentReconciler => {
  const { store, deploy, owner, leaseMs, clock, logger, random } = ports;
  const running = new Map<InstanceId, Promise<void>>();
  const restingUntil = new Map<InstanceId, number>();
  const stopping = new AbortController();

  const carryOn = async (instance: InstanceId): Promise<void> => {
    const lease = await store.leases.acquire({ name: `deploy:${instance}`, owner, ttlMs: leaseMs });
    if (lease === undefined) {
      restingUntil.set(instance, clock.now() + LOOK_MS);
      return;
    }
    const lost = new AbortController();
    const signal = AbortSignal.any([stopping.signal, lost.signal]);
    let held = lease;
    const renew = async (): Promise<void> => {
      const renewed = await store.leases.renew(held, leaseMs).catch(() => held);
      if (renewed === undefined) lost.abort();
      else {
        held = renewed;
        if (!signal.aborted) beat();
      }
    };
    // A renewal that fails is tried again at the next beat; the lease runs out by itself.
    const beat = (): void => {
      beating = clock.after(leaseMs / 3, () => void renew());
    };
    let beating = clock.after(leaseMs / 3, () => void renew());
    try {
      await deploy(instance, signal);
    } finally {
      beating();
      lost.abort();
      await store.leases.release(held).catch(() => undefined);
    }
  };

  const begin = (instance: InstanceId): void => {
    const work = carryOn(instance)
      .catch((error: unknown) => {
        if (stopping.signal.aborted) return;
        restingUntil.set(instance, clock.now() + TROUBLE_MS);
        logger.warn({ err: error, instance }, "deployments could not be carried on");
      })
      .finally(() => {
        running.delete(instance);
        loop.wake();
      });
    running.set(instance, work);
  };

  const loop = createLoop({
    name: "deployments",
    clock,
    logger,
    random,
    async step() {
      const now = clock.now();
      const { instances, next } = await store.deployments.due(now);
      for (const instance of instances) {
        if (running.size >= AT_ONCE) break;
        if (running.has(instance) || (restingUntil.get(instance) ?? 0) > now) continue;
        restingUntil.delete(instance);
        begin(instance);
      }
      return Math.max(10, Math.min(LOOK_MS, next === null ? LOOK_MS : next - now));
    },
  });

  return {
    start: () => loop.start(),
    wake: () => loop.wake(),
    async stop() {
      stopping.abort();
      await loop.stop();
      await Promise.all(running.values());
    },
  };
};

import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { ActionExecutor } from "./action-executor.ts";

interface ReconcilerPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly executor: ActionExecutor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly owner: string;
  readonly leaseMs: number;
}

/** Actions that a process takes over at once; each is bounded by its instance's own limits. */
const AT_ONCE = 32;
/** An orphan is found within its lease and this. */
const LOOK_EVERY_MS = 1_000;

/**
 * Takes over actions that nobody is at work on: their process died, or they wait for another try. Nobody waits for
 * them any more, so what fails in passing is tried again until the action's own deadline.
 */
export const createActionReconciler = (ports: ReconcilerPorts): Loop => {
  const { store, registry, executor, clock, logger, random, owner, leaseMs } = ports;

  const limitOf = (instance: Parameters<InstanceRegistry["get"]>[0]): number => {
    const defined = registry.list().find(({ config }) => config.id === instance);
    return defined?.config.limits.timeout_ms ?? leaseMs;
  };

  const step = async (): Promise<number> => {
    const limit = AT_ONCE - executor.active;
    if (limit <= 0) return LOOK_EVERY_MS;
    const claimed = await store.actions.claim({ owner, limit, leaseMs });
    for (const leased of claimed) {
      const { id, instance, attempts } = leased.action;
      if (attempts > 1) logger.info({ action: id, instance, attempts }, "an action was taken over");
      const until = clock.now() + limitOf(instance);
      // What fails here is logged by the executor; the action's lease runs out and it is found again.
      executor.execute(leased, { until, mayRetry: true }).catch(() => undefined);
    }
    return claimed.length === limit ? 0 : LOOK_EVERY_MS;
  };

  return createLoop({ name: "act", step, clock, logger, random });
};

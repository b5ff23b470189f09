import type { InstanceId } from "@airfleet/model";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import { isStale } from "../fleet/instance-status.ts";

/** How fresh what we know of an instance's runs is. */
export interface RunFreshness {
  /** Epoch milliseconds; null when its runs were never read. */
  readonly observedAt: number | null;
  readonly stale: boolean;
}

export const createRunFreshness =
  (
    registry: Pick<InstanceRegistry, "get">,
    conditions: Pick<InstanceConditions, "freshness">,
    now: () => number,
  ): ((instance: InstanceId) => RunFreshness) =>
  (instance) => {
    const defined = registry.get(instance);
    const feed = conditions.freshness(defined, "runs");
    return { observedAt: feed.observedAt, stale: !defined.config.enabled || isStale(feed, now()) };
  };

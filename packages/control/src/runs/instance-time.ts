import type { InstanceId } from "@airfleet/model";
import type { Clock } from "../clock.ts";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";

/**
 * What an instance's own clock shows. Observations are dated by it, since it is the one clock that all our processes
 * can see.
 */
export interface InstanceTime {
  /** At this moment, or at one of ours in the past. Epoch milliseconds; ours while the instance has not told us its time. */
  at(instance: InstanceId, ourTime?: number): number;
}

/**
 * A `Date` header has whole seconds, so each probe finds a somewhat different skew. Following every one of them would
 * let a reading look older than the one before; a real change of the clock is larger than this.
 */
const JITTER_MS = 2_000;

export const createInstanceTime = (conditions: Pick<InstanceConditions, "probe">, clock: Clock): InstanceTime => {
  const skews = new Map<InstanceId, number>();
  const skewOf = (instance: InstanceId): number => {
    const probed = conditions.probe(instance)?.clockSkewMs ?? null;
    const used = skews.get(instance);
    if (probed === null) return used ?? 0;
    if (used !== undefined && Math.abs(probed - used) <= JITTER_MS) return used;
    skews.set(instance, probed);
    return probed;
  };

  return {
    at: (instance, ourTime = clock.now()) => ourTime + skewOf(instance),
  };
};

import type { BreakerState } from "@airfleet/engine";
import type { InstanceStatus } from "./fleet-instance.ts";
import { type FeedFreshness, type KeptProbe, stateOf } from "./instance-status.ts";

/** What of an instance's condition is told when it changes. Keys as listeners get them. */
export interface InstanceFacts {
  readonly state: InstanceStatus["state"];
  /** What the engine says of its scheduler; null when it says nothing, or cannot be asked. */
  readonly scheduler: string | null;
  readonly version: string | null;
  readonly breaker: BreakerState;
}

interface Knowledge {
  readonly probe: KeptProbe | null;
  readonly health: Pick<FeedFreshness, "error">;
  readonly breaker: BreakerState;
}

export const toInstanceFacts = ({ probe, health, breaker }: Knowledge): InstanceFacts => ({
  state: stateOf({ enabled: true, probe, health }),
  scheduler: probe?.health.components.find(({ name }) => name === "scheduler")?.status ?? null,
  version: probe?.version ?? null,
  breaker,
});

/** What differs, before and after; undefined when nothing does. */
export const differenceOf = (
  before: InstanceFacts,
  after: InstanceFacts,
): { readonly before: Partial<InstanceFacts>; readonly after: Partial<InstanceFacts> } | undefined => {
  const changed = (Object.keys(after) as (keyof InstanceFacts)[]).filter((key) => before[key] !== after[key]);
  if (changed.length === 0) return undefined;
  const pick = (facts: InstanceFacts): Partial<InstanceFacts> =>
    Object.fromEntries(changed.map((key) => [key, facts[key]]));
  return { before: pick(before), after: pick(after) };
};

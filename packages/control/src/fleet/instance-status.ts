import type { Probe } from "@airfleet/engine";
import type { ErrorCode, InstanceHealth } from "@airfleet/model";
import type { InstanceStatus } from "./fleet-instance.ts";

/** How the last reading of one feed went, and how often we promise one. Times are epoch milliseconds. */
export interface FeedFreshness {
  readonly observedAt: number | null;
  readonly promisedIntervalMs: number;
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly at: number } | null;
}

/** Older than twice the interval we promise, or the last try failed, or never read. */
export const isStale = ({ observedAt, promisedIntervalMs, error }: FeedFreshness, now: number): boolean =>
  error !== null || observedAt === null || now - observedAt > 2 * promisedIntervalMs;

/** The parts of a probe that outlive it. */
export type KeptProbe = Pick<
  Probe,
  "version" | "generation" | "support" | "latencyMs" | "authenticated" | "clockSkewMs"
> & {
  readonly health: InstanceHealth;
};

interface Knowledge {
  readonly enabled: boolean;
  readonly probe: KeptProbe | null;
  readonly health: FeedFreshness;
  readonly dags: FeedFreshness;
  readonly runs: FeedFreshness;
  readonly breaker: InstanceStatus["breaker"];
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  "INSTANCE_CREDENTIALS_REFUSED",
  "INSTANCE_FORBIDDEN",
  "INSTANCE_SIGNING_KEY_UNUSABLE",
  "INSTANCE_SIGNING_UNSUPPORTED",
  "INSTANCE_TOKEN_COMMAND_FAILED",
]);

/** How an instance is, from what its probe answered last and whether that was the last try. */
export const stateOf = ({
  enabled,
  probe,
  health,
}: Pick<Knowledge, "enabled" | "probe"> & {
  readonly health: Pick<FeedFreshness, "error">;
}): InstanceStatus["state"] => {
  if (!enabled) return "disabled";
  if (health.error !== null) return REFUSALS.has(health.error.code) ? "refused" : "unreachable";
  if (probe === null) return "unknown";
  if (!probe.authenticated) return "refused";
  return probe.health.healthy ? "healthy" : "unhealthy";
};

/** An instance's condition out of what was last read of it. */
export const toInstanceStatus = (knowledge: Knowledge, now: number): InstanceStatus => {
  const { enabled, probe, health, dags, runs, breaker } = knowledge;
  return {
    state: stateOf(knowledge),
    version: probe?.version ?? null,
    generation: probe?.generation ?? null,
    support: probe?.support ?? null,
    latencyMs: probe?.latencyMs ?? null,
    clockSkewMs: probe?.clockSkewMs ?? null,
    health: probe?.health ?? null,
    breaker,
    observedAt: health.observedAt,
    dagsObservedAt: dags.observedAt,
    stale: !enabled || [health, dags, runs].some((feed) => isStale(feed, now)),
    error: health.error ?? dags.error ?? runs.error,
  };
};

import type { InstanceView, RouteOutput, ROUTES } from "@airfleet/contract";
import type { FleetInstance, InstanceStatus } from "@airfleet/control";
import type { Probe } from "@airfleet/engine";
import { toInstant, toInstantOrNull } from "./instants.ts";

export const toStatusView = (status: InstanceStatus): InstanceView["status"] => ({
  state: status.state,
  version: status.version,
  generation: status.generation,
  support: status.support,
  latency_ms: status.latencyMs,
  clock_skew_ms: status.clockSkewMs,
  components: (status.health?.components ?? []).map((component) => ({
    name: component.name,
    status: component.status,
    heartbeat_at: component.heartbeatAt,
  })),
  breaker: status.breaker,
  observed_at: toInstantOrNull(status.observedAt),
  dags_observed_at: toInstantOrNull(status.dagsObservedAt),
  stale: status.stale,
  error: status.error === null ? null : { ...status.error, at: toInstant(status.error.at) },
});

export const toInstanceView = (instance: FleetInstance): InstanceView => ({
  id: instance.id,
  name: instance.name,
  description: instance.description,
  engine: instance.engine,
  url: instance.url,
  enabled: instance.enabled,
  tier: instance.tier,
  labels: { ...instance.labels },
  auth: { type: instance.authType, username: instance.username },
  tls_insecure: instance.tlsInsecure,
  source: instance.source,
  version: instance.version,
  status: toStatusView(instance.status),
});

type ProbeView = RouteOutput<typeof ROUTES.probeInstance>;

/** `probe` is null when the instance did not answer. */
export const toProbeView = (instance: FleetInstance, probe: Probe | null): ProbeView => ({
  instance: instance.id,
  reachable: probe !== null,
  authenticated: probe?.authenticated ?? false,
  status: toStatusView(instance.status),
  capabilities: probe === null ? {} : { ...probe.capabilities },
});

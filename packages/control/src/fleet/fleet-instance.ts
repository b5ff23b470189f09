import type { EngineKind, InstanceHealth, InstanceId, Tier } from "@airfleet/model";

/** What we know of an instance's condition. Times are epoch milliseconds. */
export interface InstanceStatus {
  /** `refused`: it answers, but not to our credentials; `unknown` until the first answer. */
  readonly state: "healthy" | "unhealthy" | "unreachable" | "refused" | "unknown" | "disabled";
  readonly version: string | null;
  readonly generation: number | null;
  readonly support: "tested" | "from specification" | null;
  readonly latencyMs: number | null;
  readonly clockSkewMs: number | null;
  readonly health: InstanceHealth | null;
  readonly breaker: "closed" | "open" | "half_open";
  /** When the facts above were read. */
  readonly observedAt: number | null;
  /** When the list of DAGs was last read in full. */
  readonly dagsObservedAt: number | null;
  readonly stale: boolean;
  readonly error: { readonly code: string; readonly message: string; readonly at: number } | null;
}

/** One instance with its configuration (never its credentials) and its condition. */
export interface FleetInstance {
  readonly id: InstanceId;
  readonly name: string;
  readonly description: string | null;
  readonly engine: EngineKind;
  readonly url: string;
  readonly enabled: boolean;
  readonly tier: Tier;
  readonly labels: Readonly<Record<string, string>>;
  readonly authType: "basic" | "bearer" | "login" | "exec" | "mwaa" | "jwt" | "none";
  readonly username: string | null;
  readonly tlsInsecure: boolean;
  /** `stored`, or the file it comes from. */
  readonly source: string;
  readonly version: number;
  /** It has left the file that defined it: disabled, and kept for its history alone. */
  readonly removed: boolean;
  readonly status: InstanceStatus;
}

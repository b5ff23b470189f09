import type { Instant } from "./dag.ts";

/** One part of a deployment: `unknown` when it does not exist there or does not report. */
export interface ComponentHealth {
  readonly name: "metadatabase" | "scheduler" | "triggerer" | "dag_processor";
  readonly status: "healthy" | "unhealthy" | "unknown";
  readonly heartbeatAt: Instant | null;
}

/** What an instance says of itself; Airflow answers 200 even when a part is dead, so the parts are what counts. */
export interface InstanceHealth {
  readonly healthy: boolean;
  readonly components: readonly ComponentHealth[];
}

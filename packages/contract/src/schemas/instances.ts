import { ENGINE_KINDS, InstanceConfig, TIERS } from "@airfleet/model";
import { z } from "zod";
import { InstantSchema } from "./primitives.ts";

/** Who we are to the instance, without secrets. */
const AuthView = z.object({
  type: z.enum(["basic", "bearer", "login", "exec", "mwaa", "jwt", "none"]),
  username: z.string().nullable(),
});

const ComponentView = z.object({
  name: z.enum(["metadatabase", "scheduler", "triggerer", "dag_processor"]),
  status: z.enum(["healthy", "unhealthy", "unknown"]),
  heartbeat_at: InstantSchema.nullable(),
});

/** How an instance was when we last asked. */
export const InstanceStatus = z
  .object({
    /** `unknown` until the first answer. */
    state: z.enum(["healthy", "unhealthy", "unreachable", "refused", "unknown", "disabled"]),
    version: z.string().nullable(),
    generation: z.number().int().nullable(),
    support: z.enum(["tested", "from specification"]).nullable(),
    latency_ms: z.number().nullable(),
    clock_skew_ms: z.number().nullable(),
    components: z.array(ComponentView),
    breaker: z.enum(["closed", "open", "half_open"]),
    /** When the facts above were read; null when never. */
    observed_at: InstantSchema.nullable(),
    /** When the list of DAGs was last read in full. */
    dags_observed_at: InstantSchema.nullable(),
    /** Older than twice the interval we promise, or the last try failed. */
    stale: z.boolean(),
    error: z.object({ code: z.string(), message: z.string(), at: InstantSchema }).nullable(),
  })
  .meta({ id: "InstanceStatus" });

/** One deployment as the API shows it; credentials never leave. */
export const InstanceView = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    engine: z.enum(ENGINE_KINDS),
    url: z.string(),
    enabled: z.boolean(),
    tier: z.enum(TIERS),
    labels: z.record(z.string(), z.string()),
    auth: AuthView,
    tls_insecure: z.boolean(),
    /** `stored` when it was made through the API, else the file it comes from. */
    source: z.string(),
    /** Grows with each change; send it back in If-Match. */
    version: z.number().int(),
    status: InstanceStatus,
  })
  .meta({ id: "Instance" });
export type InstanceView = z.infer<typeof InstanceView>;

/** A new instance: the same as under `instances` in airfleet.yaml. */
export const InstanceCreate = InstanceConfig.meta({ id: "InstanceCreate" });

const base = InstanceConfig.shape;
/** Fields to change; what is absent stays. The id cannot change. */
export const InstancePatch = z
  .strictObject({
    name: base.name,
    description: base.description,
    url: base.url.unwrap().optional(),
    enabled: z.boolean().optional(),
    tier: z.enum(TIERS).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    auth: base.auth.unwrap().optional(),
    headers: base.headers.unwrap().optional(),
    tls: base.tls.unwrap().optional(),
    limits: base.limits.unwrap().optional(),
    deploy: base.deploy,
  })
  .meta({ id: "InstancePatch" });

/** What a probe found. */
export const ProbeView = z
  .object({
    instance: z.string(),
    reachable: z.boolean(),
    authenticated: z.boolean(),
    status: InstanceStatus,
    capabilities: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Probe" });

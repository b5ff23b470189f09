import type { Probe } from "@airfleet/engine";
import { type ComponentHealth, type InstanceHealth, isAirfleetError } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import type { Api } from "./api.ts";
import { toCapabilities } from "./capabilities.ts";
import { type DaemonStatus, serverDocument } from "./documents/server.ts";
import { toInstantOrNull } from "./instant.ts";

/** Daemons write every 30 s. Dagster itself calls one healthy for half an hour after its death. */
const SILENT_AFTER_SECONDS = 90;

/** The daemons that nothing starts or is scheduled without. */
const NEEDED: readonly string[] = ["QUEUED_RUN_COORDINATOR", "SCHEDULER", "SENSOR"];

const toStatus = (daemons: readonly DaemonStatus[], nowSeconds: number): ComponentHealth["status"] => {
  if (daemons.length === 0) return "unknown";
  const isAlive = ({ lastHeartbeatTime }: DaemonStatus): boolean =>
    typeof lastHeartbeatTime === "number" && nowSeconds - lastHeartbeatTime <= SILENT_AFTER_SECONDS;
  return daemons.every(isAlive) ? "healthy" : "unhealthy";
};

/**
 * Health by the daemons' own heartbeats, compared with Dagster's clock. An answer at all shows that its database
 * answers; nothing there is a triggerer or reads files by itself.
 */
export const toHealth = (daemons: readonly DaemonStatus[], nowSeconds: number): InstanceHealth => {
  const needed = daemons.filter(({ daemonType, required }) => required && NEEDED.includes(daemonType));
  const beats = needed.flatMap(({ lastHeartbeatTime }) => lastHeartbeatTime ?? []);
  const scheduler: ComponentHealth = {
    name: "scheduler",
    status: toStatus(needed, nowSeconds),
    heartbeatAt: beats.length === 0 ? null : toInstantOrNull(Math.min(...beats)),
  };
  const components: readonly ComponentHealth[] = [
    { name: "metadatabase", status: "healthy", heartbeatAt: null },
    scheduler,
    { name: "triggerer", status: "unknown", heartbeatAt: null },
    { name: "dag_processor", status: "unknown", heartbeatAt: null },
  ];
  return { healthy: scheduler.status !== "unhealthy", components };
};

/** The release that our tests run against, up to its patch. */
const isTested = (version: string): boolean => version.startsWith("1.13.");

const NOT_LET_IN = [
  "INSTANCE_CREDENTIALS_REFUSED",
  "INSTANCE_FORBIDDEN",
  "INSTANCE_TOKEN_COMMAND_FAILED",
  "INSTANCE_REDIRECTED",
] as const;

/** Whether each job carries the guard; those that Dagster makes up itself are no work of anybody's. */
export const isGuarded = async (api: Api, deadline: Deadline): Promise<boolean> => {
  const jobs = [...(await api.names.table(deadline)).places.values()].filter(({ dagId }) => !dagId.startsWith("__"));
  return jobs.length > 0 && jobs.every(({ hasRuntime }) => hasRuntime);
};

export const probe = async (api: Api, deadline: Deadline): Promise<Probe> => {
  const { clock } = api.graphql.http;
  const [sentAt, startedAt] = [clock.now(), clock.monotonic()];
  try {
    const { data, answeredAt } = await api.graphql.askDated(serverDocument, {}, deadline);
    const latencyMs = clock.monotonic() - startedAt;
    const nowSeconds = (answeredAt ?? clock.now()) / 1_000;
    await api.names.refresh(deadline);
    return {
      version: data.version,
      generation: Number(data.version.split(".")[0]),
      support: isTested(data.version) ? "tested" : "from specification",
      capabilities: toCapabilities(await isGuarded(api, deadline)),
      health: toHealth(data.instance.daemonHealth.allDaemonStatuses, nowSeconds),
      latencyMs,
      authenticated: true,
      // Its `Date` has whole seconds, cut off: half a second is added, for the middle.
      clockSkewMs: answeredAt === null ? null : Math.round(answeredAt + 500 - (sentAt + clock.now()) / 2),
    };
  } catch (error) {
    if (!isAirfleetError(error, ...NOT_LET_IN)) throw error;
    return {
      version: "1",
      generation: 1,
      support: "from specification",
      capabilities: toCapabilities(false),
      health: { healthy: false, components: [] },
      latencyMs: clock.monotonic() - startedAt,
      authenticated: false,
      clockSkewMs: null,
    };
  }
};

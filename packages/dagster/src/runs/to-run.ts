import type { DagId, Run, RunState } from "@airfleet/model";
import type { RunRow } from "../documents/runs.ts";
import { toInstant, toInstantOrNull } from "../instant.ts";
import { CONF_RESOURCE, NOTE_TAG, RUNTIME_TAG, tagOf } from "../tags.ts";
import { runIdOf } from "./run-group.ts";

const STATES: Readonly<Record<string, RunState>> = {
  QUEUED: "queued",
  NOT_STARTED: "queued",
  MANAGED: "queued",
  // Its process is being started.
  STARTING: "queued",
  STARTED: "running",
  CANCELING: "running",
  SUSPENDED: "running",
  SUCCESS: "success",
  FAILURE: "failed",
  CANCELED: "cancelled",
};

/** Dagster's status in our words; one that we do not know counts as running, so that we go on looking. */
export const toRunState = (status: string): RunState => STATES[status] ?? "running";

/** Dagster's words for some of our states; nothing is ever `lost` there. */
export const toStatuses = (states: readonly RunState[]): string[] =>
  Object.entries(STATES)
    .filter(([, state]) => states.includes(state))
    .map(([status]) => status);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const inner = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce((part: unknown, key) => (isRecord(part) ? part[key] : undefined), value);

/** What a run was given: by our runtime's resource, or Dagster's own run config. */
export const readConf = ({
  runConfig,
  tags,
}: Pick<RunRow, "runConfig" | "tags">): Readonly<Record<string, unknown>> => {
  const conf =
    tagOf(tags, RUNTIME_TAG) === undefined ? runConfig : inner(runConfig, "resources", CONF_RESOURCE, "config", "conf");
  return isRecord(conf) ? conf : {};
};

/** The other way round. Without a conf nothing is sent: Dagster refuses config for a resource that a job does not have. */
export const toRunConfig = (conf: Readonly<Record<string, unknown>>, hasRuntime: boolean): unknown => {
  if (!hasRuntime) return conf;
  return Object.keys(conf).length === 0 ? {} : { resources: { [CONF_RESOURCE]: { config: { conf } } } };
};

const typeOf = (tags: RunRow["tags"]): Run["type"] => {
  if (tagOf(tags, "dagster/backfill") !== undefined) return "backfill";
  if (tagOf(tags, "dagster/schedule_name") !== undefined || tagOf(tags, "dagster/sensor_name") !== undefined)
    return "scheduled";
  return "manual";
};

export const toRun = (dagId: DagId, row: RunRow): Run => ({
  dagId,
  runId: runIdOf(row),
  state: toRunState(row.status),
  engineState: row.status,
  type: typeOf(row.tags),
  logicalDate: null,
  intervalStart: null,
  intervalEnd: null,
  runAfter: toInstant(row.creationTime),
  queuedAt: toInstant(row.creationTime),
  startedAt: toInstantOrNull(row.startTime),
  endedAt: toInstantOrNull(row.endTime),
  conf: readConf(row),
  note: tagOf(row.tags, NOTE_TAG) ?? null,
  triggeredBy: tagOf(row.tags, "user") ?? null,
  versionNumbers: [],
});

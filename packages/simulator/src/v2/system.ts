import { toOffsetDate, toZuluDate } from "../clock/instant.ts";
import { type Answer, json } from "../http/answer.ts";
import type { DagRecord } from "../world/dag-record.ts";
import { lastHeartbeat } from "../world/health.ts";
import type { EventRecord } from "../world/house-records.ts";
import { RUN_STATES } from "../world/run-record.ts";
import type { World } from "../world/world.ts";
import { refuse } from "./detail.ts";
import { date, orderingOf, pageOf, slice, sortBy, type SortKeys } from "./query.ts";
import { param, type V2Call, type V2Route } from "./route.ts";

const health = ({ deployment: { world, settings } }: V2Call): Answer => {
  const beat = toOffsetDate(lastHeartbeat(world));
  return json(200, {
    metadatabase: { status: "healthy" },
    scheduler: { status: settings.schedulerHealthy ? "healthy" : "unhealthy", latest_scheduler_heartbeat: beat },
    triggerer: { status: null, latest_triggerer_heartbeat: null },
    dag_processor: { status: "healthy", latest_dag_processor_heartbeat: beat },
  });
};

const renderEvent = (world: World, row: EventRecord): object => ({
  event_log_id: row.id,
  when: toZuluDate(row.at),
  dag_id: row.dagId,
  task_id: row.taskId,
  run_id: row.runId,
  map_index: row.mapIndex,
  try_number: row.tryNumber,
  event: row.event,
  logical_date: null,
  owner: row.owner,
  extra: row.extra,
  dag_display_name: row.dagId === null ? null : (world.dags.get(row.dagId)?.parsed.displayName ?? row.dagId),
  task_display_name: null,
});

const SORT: SortKeys<EventRecord> = {
  id: (row) => row.id,
  event_log_id: (row) => row.id,
  when: (row) => row.at,
  dttm: (row) => row.at,
  dag_id: (row) => row.dagId,
  task_id: (row) => row.taskId,
  run_id: (row) => row.runId,
  event: (row) => row.event,
  owner: (row) => row.owner,
  extra: (row) => row.extra,
};

const listEvents = ({ deployment: { world, settings }, request: { query } }: V2Call): Answer => {
  const page = pageOf(query, settings.maximumPageLimit);
  const equals = (name: string, value: string | number | null): boolean => {
    const wanted = query.get(name);
    return wanted === null || String(value) === wanted;
  };
  const [before, after] = [date(query, "before"), date(query, "after")];
  const [included, excluded] = [query.getAll("included_events"), query.getAll("excluded_events")];
  const matches = world.events.filter(
    (row) =>
      equals("dag_id", row.dagId) &&
      equals("task_id", row.taskId) &&
      equals("run_id", row.runId) &&
      equals("event", row.event) &&
      equals("owner", row.owner) &&
      (before === undefined || row.at <= before) &&
      (after === undefined || row.at >= after) &&
      (included.length === 0 || included.includes(row.event)) &&
      !excluded.includes(row.event),
  );
  const rows = sortBy(
    matches,
    orderingOf(query.getAll("order_by"), SORT, (row) => row.id),
  );
  return json(200, { event_logs: slice(rows, page).map((row) => renderEvent(world, row)), total_entries: rows.length });
};

const getEvent = (call: V2Call): Answer => {
  const { world } = call.deployment;
  const id = param(call, "event_log_id");
  const row = world.events.find((event) => String(event.id) === id);
  return json(200, renderEvent(world, row ?? refuse(404, `The Event Log with id: \`${id}\` not found`)));
};

const statsOf = (dag: DagRecord): object => {
  const counts = new Map<string, number>(RUN_STATES.map((state) => [state, 0]));
  for (const run of dag.runs.values()) counts.set(run.state, (counts.get(run.state) ?? 0) + 1);
  return {
    dag_id: dag.dagId,
    dag_display_name: dag.parsed.displayName ?? dag.dagId,
    stats: [...counts].map(([state, count]) => ({ state, count })),
  };
};

/** A DAG that never ran is absent. */
const dagStats = ({ deployment: { world }, request: { query } }: V2Call): Answer => {
  const wanted = query.getAll("dag_ids");
  const dags = [...world.dags.values()].filter(
    (dag) => dag.runs.size > 0 && (wanted.length === 0 || wanted.includes(dag.dagId)),
  );
  return json(200, { dags: dags.map(statsOf), total_entries: dags.length });
};

const PROVIDERS = [
  [
    "common-compat",
    "1.23.0",
    "Common Compatibility Provider - providing compatibility code for previous Airflow versions",
  ],
  ["common-io", "1.11.0", "Common IO Provider"],
  ["standard", "1.16.0", "Airflow Standard Provider"],
] as const;

const providers = (): Answer =>
  json(200, {
    providers: PROVIDERS.map(([name, version, description]) => ({
      package_name: `apache-airflow-providers-${name}`,
      description,
      version,
      documentation_url: `https://airflow.apache.org/docs/apache-airflow-providers-${name}/${version}`,
    })),
    total_entries: PROVIDERS.length,
  });

const config = ({ deployment }: V2Call): Answer =>
  deployment.settings.exposeConfig
    ? json(200, {
        sections: [
          {
            name: "api",
            options: [{ key: "maximum_page_limit", value: String(deployment.settings.maximumPageLimit) }],
          },
        ],
      })
    : refuse(
        403,
        "Your Airflow administrator chose not to expose the configuration, most likely for security reasons.",
      );

export const systemRoutes: readonly V2Route[] = [
  {
    method: "GET",
    path: "/version",
    isPublic: true,
    handle: ({ deployment }) =>
      json(200, {
        version: deployment.settings.version,
        git_version: ".release:aa19d2dbb9ed187ec01957a92848d9b005e9ba9d",
      }),
  },
  { method: "GET", path: "/monitor/health", isPublic: true, handle: health },
  { method: "GET", path: "/eventLogs", handle: listEvents },
  { method: "GET", path: "/eventLogs/{event_log_id}", handle: getEvent },
  { method: "GET", path: "/dagStats", handle: dagStats },
  { method: "GET", path: "/providers", handle: providers },
  { method: "GET", path: "/plugins", handle: () => json(200, { plugins: [], total_entries: 0 }) },
  { method: "GET", path: "/plugins/importErrors", handle: () => json(200, { import_errors: [], total_entries: 0 }) },
  { method: "GET", path: "/config", handle: config },
];

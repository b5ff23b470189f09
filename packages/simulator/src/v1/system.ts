import { toOffsetDate } from "../clock/instant.ts";
import { type Answer, json } from "../http/answer.ts";
import type { DagRecord } from "../world/dag-record.ts";
import type { Deployment } from "../world/deployment.ts";
import { lastHeartbeat } from "../world/health.ts";
import type { EventRecord } from "../world/house-records.ts";
import { RUN_STATES } from "../world/run-record.ts";
import { badRequest, refuse } from "./problem.ts";
import { date, list, pageOf, slice, sortRows } from "./query.ts";
import { ORDERED_PAGE, param, type V1Call, type V1Route } from "./route.ts";

/** Health of the parts, also at the root path `/health`. */
export const healthAnswer = ({ world, settings }: Deployment): Answer =>
  json(200, {
    dag_processor: { latest_dag_processor_heartbeat: null, status: null },
    metadatabase: { status: "healthy" },
    scheduler: {
      latest_scheduler_heartbeat: toOffsetDate(lastHeartbeat(world)),
      status: settings.schedulerHealthy ? "healthy" : "unhealthy",
    },
    triggerer: { latest_triggerer_heartbeat: null, status: null },
  });

const renderEvent = (row: EventRecord): object => ({
  dag_id: row.dagId,
  event: row.event,
  event_log_id: row.id,
  execution_date: null,
  extra: row.extra,
  map_index: row.mapIndex,
  owner: row.owner,
  run_id: row.runId,
  task_id: row.taskId,
  try_number: row.tryNumber,
  when: toOffsetDate(row.at),
});

const listEvents = ({ deployment: { world, settings }, request: { query } }: V1Call): Answer => {
  const page = pageOf(query, settings.maximumPageLimit);
  const equals = (name: string, value: string | number | null): boolean => {
    const wanted = query.get(name);
    return wanted === null || String(value) === wanted;
  };
  const [before, after] = [date(query, "before"), date(query, "after")];
  const [included, excluded] = [list(query, "included_events"), list(query, "excluded_events")];
  const matches = world.events.filter(
    (row) =>
      equals("dag_id", row.dagId) &&
      equals("task_id", row.taskId) &&
      equals("run_id", row.runId) &&
      equals("event", row.event) &&
      equals("owner", row.owner) &&
      (before === undefined || row.at < before) &&
      (after === undefined || row.at > after) &&
      (included.length === 0 || included.includes(row.event)) &&
      !excluded.includes(row.event),
  );
  const rows = sortRows(matches, query.get("order_by") ?? "event_log_id", {
    event_log_id: (row) => row.id,
    when: (row) => row.at,
    dag_id: (row) => row.dagId,
    task_id: (row) => row.taskId,
    run_id: (row) => row.runId,
    event: (row) => row.event,
    owner: (row) => row.owner,
  });
  return json(200, { event_logs: slice(rows, page).map(renderEvent), total_entries: rows.length });
};

const getEvent = (call: V1Call): Answer => {
  const row = call.deployment.world.events.find((event) => event.id === Number(param(call, "event_log_id")));
  return row === undefined ? refuse(404, { title: "Event Log not found", detail: null }) : json(200, renderEvent(row));
};

const statsOf = (dag: DagRecord): object => {
  const counts = new Map<string, number>(RUN_STATES.map((state) => [state, 0]));
  for (const run of dag.runs.values()) counts.set(run.state, (counts.get(run.state) ?? 0) + 1);
  return { dag_id: dag.dagId, stats: [...counts].map(([state, count]) => ({ count, state })) };
};

const dagStats = ({ deployment: { world }, request: { query } }: V1Call): Answer => {
  if (query.get("dag_ids") === null) badRequest("Missing query parameter 'dag_ids'");
  const dags = list(query, "dag_ids").flatMap((dagId) => world.dags.get(dagId) ?? []);
  return json(200, { dags: dags.map(statsOf), total_entries: dags.length });
};

const PROVIDERS = [
  [
    "common-compat",
    "1.15.0",
    "Common Compatibility Provider - providing compatibility code for previous Airflow versions",
  ],
  ["common-io", "1.7.2", "Common IO Provider"],
  ["fab", "1.5.4", "Flask App Builder auth manager"],
] as const;

const EVENT_QUERY = {
  ...ORDERED_PAGE,
  dag_id: "string",
  task_id: "string",
  run_id: "string",
  map_index: "integer",
  try_number: "integer",
  event: "string",
  owner: "string",
  before: "date-time",
  after: "date-time",
  included_events: "string",
  excluded_events: "string",
} as const;

export const systemRoutes: readonly V1Route[] = [
  {
    method: "GET",
    path: "/version",
    isPublic: true,
    handle: ({ deployment }) => json(200, { git_version: "", version: deployment.settings.version }),
  },
  { method: "GET", path: "/health", isPublic: true, handle: ({ deployment }) => healthAnswer(deployment) },
  { method: "GET", path: "/eventLogs", query: EVENT_QUERY, handle: listEvents },
  { method: "GET", path: "/eventLogs/{event_log_id}", handle: getEvent },
  { method: "GET", path: "/dagStats", query: { dag_ids: "string" }, handle: dagStats },
  {
    method: "GET",
    path: "/providers",
    handle: () =>
      json(200, {
        providers: PROVIDERS.map(([name, version, description]) => ({
          description,
          package_name: `apache-airflow-providers-${name}`,
          version,
        })),
        total_entries: PROVIDERS.length,
      }),
  },
  {
    method: "GET",
    path: "/plugins",
    query: { limit: "integer", offset: "integer" },
    handle: () => json(200, { plugins: [], total_entries: 0 }),
  },
  {
    method: "GET",
    path: "/config",
    query: { section: "string" },
    handle: ({ deployment }) =>
      deployment.settings.exposeConfig
        ? json(200, {
            sections: [
              {
                name: "api",
                options: [{ key: "maximum_page_limit", value: String(deployment.settings.maximumPageLimit) }],
              },
            ],
          })
        : refuse(403, {
            detail:
              "Your Airflow administrator chose not to expose the configuration, most likely for security reasons.",
          }),
  },
];

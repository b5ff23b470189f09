import { type Answer, json, Refusal, text } from "../http/answer.ts";
import type { RunRecord } from "../world/run-record.ts";
import { TASK_STATES, type TaskRecord } from "../world/task-record.ts";
import { pageOfTasks, type TaskSelection } from "../world/task-pages.ts";
import { findRun, type World } from "../world/world.ts";
import { type BodySpec, numberOf, readBody, textsOf } from "./body.ts";
import { refuse } from "./problem.ts";
import { date, list, slice } from "./query.ts";
import { renderTask } from "./render-task.ts";
import { PAGE, param, type V1Call, type V1Route } from "./route.ts";
import { instancesOf, mappedTaskOr404, taskOr404 } from "./task-lookup.ts";

type Filter = (task: TaskRecord) => boolean;

const KNOWN_STATES: ReadonlySet<string> = new Set([...TASK_STATES, "none"]);

/** An unknown state makes the worker process stumble so early that not even Airflow's own error page appears. */
const BARE_CRASH = text(
  500,
  "<html>\n  <head>\n    <title>Internal Server Error</title>\n  </head>\n  <body>\n    <h1><p>Internal Server Error</p></h1>\n    \n  </body>\n</html>\n",
  "text/html",
);

const inStates = (states: readonly string[]): Filter => {
  if (states.some((state) => !KNOWN_STATES.has(state))) throw new Refusal(BARE_CRASH);
  const wanted = new Set(states.map((state) => (state === "none" ? null : state)));
  return (task) => states.length === 0 || wanted.has(task.state);
};

const queryFilter = (query: URLSearchParams): Filter => {
  const isInState = inStates(list(query, "state"));
  const pools = list(query, "pool");
  const from = date(query, "updated_at_gte");
  const until = date(query, "updated_at_lte");
  const startFrom = date(query, "start_date_gte");
  const startUntil = date(query, "start_date_lte");
  return (task) =>
    isInState(task) &&
    (pools.length === 0 || pools.includes(task.task.spec.pool ?? "default_pool")) &&
    (from === undefined || task.updatedAt >= from) &&
    (until === undefined || task.updatedAt <= until) &&
    (startFrom === undefined || (task.startAt !== null && task.startAt >= startFrom)) &&
    (startUntil === undefined || (task.startAt !== null && task.startAt <= startUntil));
};

const runsOfPath = (call: V1Call): readonly RunRecord[] => {
  const { world } = call.deployment;
  const [dagId, runId] = [param(call, "dag_id"), param(call, "dag_run_id")];
  if (runId === "~") return dagId === "~" ? world.runs : [...(world.dags.get(dagId)?.runs.values() ?? [])];
  if (dagId === "~") return world.runs.filter((run) => run.runId === runId);
  const run = findRun(world, dagId, runId);
  return run === undefined ? [] : [run];
};

interface Page {
  readonly limit: number;
  readonly offset: number;
}

const answerPage = (world: World, selection: TaskSelection, page: Page): Answer => {
  const { rows, total } = pageOfTasks(world, selection, page);
  return json(200, { task_instances: rows.map(renderTask), total_entries: total });
};

/** This one operation has no page cap: a limit of 1000 answers 1000 rows. */
const uncappedPage = (query: URLSearchParams) => {
  const limit = Number(query.get("limit") ?? 100);
  if (limit < 0) refuse(400, { title: "Page limit must be a positive integer", detail: null });
  return { limit: limit === 0 ? 100 : limit, offset: Number(query.get("offset") ?? 0) };
};

const listTasks = (call: V1Call): Answer => {
  const { query } = call.request;
  const { world } = call.deployment;
  const [dagId, runId] = [param(call, "dag_id"), param(call, "dag_run_id")];
  if (dagId !== "~" && runId !== "~" && findRun(world, dagId, runId) === undefined) {
    return json(200, { task_instances: [], total_entries: 0 });
  }
  const isFiltered = [...query.keys()].some((name) => name !== "limit" && name !== "offset");
  const selection: TaskSelection = {
    runs: runsOfPath(call),
    filter: isFiltered ? queryFilter(query) : undefined,
    changedSince: date(query, "updated_at_gte"),
  };
  return answerPage(world, selection, uncappedPage(query));
};

const BATCH: BodySpec = {
  page_offset: { type: "integer", minimum: 0 },
  page_limit: { type: "integer", minimum: 1 },
  dag_ids: { type: "array" },
  dag_run_ids: { type: "array" },
  task_ids: { type: "array" },
  state: { type: "array" },
  pool: { type: "array" },
  queue: { type: "array" },
  ...Object.fromEntries(
    ["execution_date", "start_date", "end_date", "updated_at"]
      .flatMap((name) => [`${name}_gte`, `${name}_lte`])
      .map((name) => [name, { type: "date-time" } as const]),
  ),
  duration_gte: { type: "integer" },
  duration_lte: { type: "integer" },
};

const batchTasks = (call: V1Call): Answer => {
  const { world } = call.deployment;
  const body = readBody(call.request, BATCH);
  const [dagIds, runIds, taskIds] = [textsOf(body, "dag_ids"), textsOf(body, "dag_run_ids"), textsOf(body, "task_ids")];
  const states = (textsOf(body, "state") ?? []).map((state) => (state === "null" ? "none" : state));
  const isInState = inStates(states);
  const runs = world.runs.filter(
    (run) => (dagIds?.includes(run.dag.dagId) ?? true) && (runIds?.includes(run.runId) ?? true),
  );
  const filter: Filter = (task) => isInState(task) && (taskIds?.includes(task.task.taskId) ?? true);
  const isFiltered = states.length > 0 || taskIds !== undefined;
  const page = { limit: numberOf(body, "page_limit") ?? 100, offset: numberOf(body, "page_offset") ?? 0 };
  return answerPage(world, { runs, filter: isFiltered ? filter : undefined }, page);
};

const listMapped = (call: V1Call): Answer => {
  const rows = instancesOf(call).filter((task) => task.mapIndex >= 0);
  if (rows.length === 0) {
    if (instancesOf(call).length > 0) return refuse(404, { title: "Task instance is not mapped", detail: null });
    return refuse(404, { title: `Task id ${param(call, "task_id")} not found`, detail: null });
  }
  const matches = rows.filter(queryFilter(call.request.query));
  return json(200, {
    task_instances: slice(matches, uncappedPage(call.request.query)).map(renderTask),
    total_entries: matches.length,
  });
};

const BASE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances";

const FILTERS = {
  ...PAGE,
  ...Object.fromEntries(
    ["execution_date", "start_date", "end_date", "updated_at"]
      .flatMap((name) => [`${name}_gte`, `${name}_lte`])
      .map((name) => [name, "date-time" as const]),
  ),
  duration_gte: "number",
  duration_lte: "number",
  state: "string",
  pool: "string",
  queue: "string",
  executor: "string",
} as const;

export const taskRoutes: readonly V1Route[] = [
  { method: "POST", path: "/dags/~/dagRuns/~/taskInstances/list", handle: batchTasks },
  { method: "GET", path: BASE, query: FILTERS, handle: listTasks },
  { method: "GET", path: `${BASE}/{task_id}`, handle: (call) => json(200, renderTask(taskOr404(call))) },
  {
    method: "GET",
    path: `${BASE}/{task_id}/listMapped`,
    query: { ...FILTERS, order_by: "string" },
    handle: listMapped,
  },
  {
    method: "GET",
    path: `${BASE}/{task_id}/dependencies`,
    handle: (call) => {
      taskOr404(call);
      return json(200, { dependencies: [] });
    },
  },
  {
    method: "GET",
    path: `${BASE}/{task_id}/{map_index:int}`,
    handle: (call) => json(200, renderTask(mappedTaskOr404(call))),
  },
];

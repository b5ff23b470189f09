import { type Answer, json } from "../http/answer.ts";
import type { RunRecord } from "../world/run-record.ts";
import { TASK_STATES, type TaskRecord } from "../world/task-record.ts";
import { collectTasks, pageOfTasks, type TaskSelection } from "../world/task-pages.ts";
import { tryIdOf } from "../world/tasks-of-run.ts";
import { findRun, type World } from "../world/world.ts";
import { type BodySpec, dateOf, numberOf, readBody, textOf, textsOf } from "./body.ts";
import { offsetFields, walk } from "./cursor.ts";
import { refuse } from "./detail.ts";
import { date, matchesPattern, orderingOf, pageOf, type PageRequest, rangeFilter, type SortKeys } from "./query.ts";
import { renderTask, taskDurationOf } from "./render-task.ts";
import { param, type V2Call, type V2Route } from "./route.ts";
import { instancesOf, mappedTaskOr404, taskOr404 } from "./task-lookup.ts";

type Filter = (task: TaskRecord) => boolean;

const DATES = {
  run_after: (task: TaskRecord) => task.run.runAfter,
  logical_date: (task: TaskRecord) => task.run.logicalAt,
  start_date: (task: TaskRecord) => task.startAt,
  end_date: (task: TaskRecord) => task.endAt,
  updated_at: (task: TaskRecord) => task.updatedAt,
};

const inStates = (states: readonly string[]): Filter => {
  const wanted = new Set(
    states.map((state) => (state === "none" || state === "no_status" || state === "null" ? null : state)),
  );
  return (task) => states.length === 0 || wanted.has(task.state);
};

const STATES = [...TASK_STATES, "awaiting_input"];
const NO_STATUS = ["none", "no_status"];

const queryFilter = (query: URLSearchParams): Filter => {
  const states = query.getAll("state");
  if (states.some((state) => !STATES.includes(state) && !NO_STATUS.includes(state))) {
    refuse(422, `Invalid value for state. Valid values are ${STATES.join(", ")}`);
  }
  const isInState = inStates(states);
  const [pools, taskIds] = [query.getAll("pool"), query.getAll("task_id")];
  const isInTime = rangeFilter<TaskRecord>(DATES, (name) => date(query, name));
  return (task) =>
    isInState(task) &&
    (pools.length === 0 || pools.includes(task.task.spec.pool ?? "default_pool")) &&
    (taskIds.length === 0 || taskIds.includes(task.task.taskId)) &&
    matchesPattern(task.task.taskId, query.get("task_display_name_pattern")) &&
    matchesPattern(task.run.dag.dagId, query.get("dag_id_pattern")) &&
    matchesPattern(task.run.runId, query.get("run_id_pattern")) &&
    isInTime(task);
};

const SORT: SortKeys<TaskRecord> = {
  id: (task) => tryIdOf(task, task),
  state: (task) => task.state,
  duration: taskDurationOf,
  start_date: (task) => task.startAt,
  end_date: (task) => task.endAt,
  map_index: (task) => task.mapIndex,
  try_number: (task) => task.tryNumber,
  logical_date: (task) => task.run.logicalAt,
  run_after: (task) => task.run.runAfter,
  data_interval_start: (task) => task.run.intervalStart,
  data_interval_end: (task) => task.run.intervalEnd,
  rendered_map_index: (task) => task.mapIndex,
  operator: (task) => task.task.spec.operator ?? "BashOperator",
  updated_at: (task) => task.updatedAt,
};

const runsOfPath = (call: V2Call): readonly RunRecord[] => {
  const { world } = call.deployment;
  const [dagId, runId] = [param(call, "dag_id"), param(call, "dag_run_id")];
  if (dagId === "~") {
    return runId === "~" ? world.runs : refuse(400, "dag_id is required when dag_run_id is specified");
  }
  if (runId === "~") {
    const dag = world.dags.get(dagId) ?? refuse(404, `The Dag with ID: \`${dagId}\` was not found`);
    return [...dag.runs.values()];
  }
  const run = findRun(world, dagId, runId);
  return [run ?? refuse(404, `DagRun with dag_id: \`${dagId}\` and run_id: \`${runId}\` was not found`)];
};

interface Wish {
  readonly page: PageRequest;
  readonly orders: readonly string[];
  readonly cursor: string | null;
}

const answerList = (world: World, selection: TaskSelection, { page, orders, cursor }: Wish): Answer => {
  if (orders.length === 0 && cursor === null) {
    // The order of the rows' ids is the order in which runs and tasks are kept.
    const { rows, total } = pageOfTasks(world, selection, page);
    return json(200, { task_instances: rows.map(renderTask), ...offsetFields(total) });
  }
  const ordering = orderingOf(orders, SORT, (task) => tryIdOf(task, task));
  const walked = walk(collectTasks(world, selection), ordering, page, cursor);
  return json(200, { task_instances: walked.rows.map(renderTask), ...walked.fields });
};

const listTasks = (call: V2Call): Answer => {
  const { query } = call.request;
  const { world, settings } = call.deployment;
  const page = pageOf(query, settings.maximumPageLimit);
  const isFiltered = [...query.keys()].some((name) => !["limit", "offset", "order_by", "cursor"].includes(name));
  const selection: TaskSelection = {
    runs: runsOfPath(call),
    filter: isFiltered ? queryFilter(query) : undefined,
    changedSince: date(query, "updated_at_gte"),
  };
  return answerList(world, selection, { page, orders: query.getAll("order_by"), cursor: query.get("cursor") });
};

const BATCH: BodySpec = {
  dag_ids: { type: "list", isNullable: true },
  dag_run_ids: { type: "list", isNullable: true },
  task_ids: { type: "list", isNullable: true },
  state: { type: "list", isNullable: true },
  ...Object.fromEntries(
    ["run_after", "logical_date", "start_date", "end_date"].flatMap((name) =>
      ["gte", "gt", "lte", "lt"].map((end) => [`${name}_${end}`, { type: "datetime", isNullable: true } as const]),
    ),
  ),
  ...Object.fromEntries(["gte", "gt", "lte", "lt"].map((end) => [`duration_${end}`, { type: "any" } as const])),
  pool: { type: "list", isNullable: true },
  queue: { type: "list", isNullable: true },
  executor: { type: "list", isNullable: true },
  page_offset: { type: "int", minimum: 0 },
  page_limit: { type: "int", minimum: 0 },
  order_by: { type: "string", isNullable: true },
};

const batchTasks = (call: V2Call): Answer => {
  const { world } = call.deployment;
  const body = readBody(call.request, BATCH);
  const [dagIds, runIds, taskIds] = [textsOf(body, "dag_ids"), textsOf(body, "dag_run_ids"), textsOf(body, "task_ids")];
  const states = (Array.isArray(body.state) ? body.state : []).map((state) =>
    state === null ? "none" : String(state),
  );
  const isInState = inStates(states);
  const isInTime = rangeFilter<TaskRecord>(DATES, (name) => dateOf(body, name));
  const runs = world.runs.filter(
    (run) => (dagIds?.includes(run.dag.dagId) ?? true) && (runIds?.includes(run.runId) ?? true),
  );
  const filter: Filter = (task) => isInState(task) && (taskIds?.includes(task.task.taskId) ?? true) && isInTime(task);
  const isPlain = Object.keys(body).every((name) =>
    ["dag_ids", "dag_run_ids", "page_limit", "page_offset", "order_by"].includes(name),
  );
  const order = textOf(body, "order_by");
  const page = { limit: numberOf(body, "page_limit") ?? 100, offset: numberOf(body, "page_offset") ?? 0 };
  const selection: TaskSelection = { runs, filter: isPlain ? undefined : filter };
  return answerList(world, selection, { page, orders: order === undefined ? [] : [order], cursor: null });
};

const listMapped = (call: V2Call): Answer => {
  const { query } = call.request;
  const rows = instancesOf(call);
  if (rows.length === 0) {
    refuse(404, `Task id ${param(call, "task_id")} not found`);
  }
  if (rows.every((task) => task.mapIndex < 0)) refuse(404, `Task id ${param(call, "task_id")} is not mapped`);
  const page = pageOf(query, call.deployment.settings.maximumPageLimit);
  const orders = query.getAll("order_by");
  const ordering = orderingOf(orders.length === 0 ? ["map_index"] : orders, SORT, (task) => task.mapIndex);
  const walked = walk(rows.filter(queryFilter(query)), ordering, page, null);
  return json(200, { task_instances: walked.rows.map(renderTask), ...walked.fields });
};

const BASE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances";

export const taskRoutes: readonly V2Route[] = [
  { method: "POST", path: "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/list", handle: batchTasks },
  { method: "GET", path: BASE, handle: listTasks },
  { method: "GET", path: `${BASE}/{task_id}`, handle: (call) => json(200, renderTask(taskOr404(call))) },
  { method: "GET", path: `${BASE}/{task_id}/listMapped`, handle: listMapped },
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
    path: `${BASE}/{task_id}/{map_index}`,
    handle: (call) => json(200, renderTask(mappedTaskOr404(call))),
  },
];

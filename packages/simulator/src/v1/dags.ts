import { toOffsetDate } from "../clock/instant.ts";
import { json, Refusal, text } from "../http/answer.ts";
import { continueSchedule } from "../scheduler/run-schedule.ts";
import { startDateOf } from "../scheduler/ticks.ts";
import { graphOf, type GraphTask } from "../specs/dag-graph.ts";
import type { DagRecord } from "../world/dag-record.ts";
import { deleteDag as removeDag, hasRunningTask } from "../world/files.ts";
import { dagsInOrder, type World } from "../world/world.ts";
import { flagOf, readBody } from "./body.ts";
import { badRequest, crashPage, refuse } from "./problem.ts";
import { flag, list, pageOf, slice, sortRows } from "./query.ts";
import { renderDag, renderDetails } from "./render-dag.ts";
import { ORDERED_PAGE, param, type V1Call, type V1Route } from "./route.ts";

export const dagOr404 = (call: V1Call): DagRecord => {
  const dagId = param(call, "dag_id");
  const dag = call.deployment.world.dags.get(dagId);
  return dag ?? refuse(404, { title: "DAG not found", detail: `The DAG with dag_id: ${dagId} was not found` });
};

/** The same in other words, as the changing operations say it. */
const namedDagOr404 = (call: V1Call): DagRecord => {
  const dagId = param(call, "dag_id");
  return (
    call.deployment.world.dags.get(dagId) ?? refuse(404, { title: `Dag with id: '${dagId}' not found`, detail: null })
  );
};

const matching = (world: World, query: URLSearchParams): DagRecord[] => {
  const tags = query.getAll("tags").flatMap((value) => value.split(","));
  const onlyActive = flag(query, "only_active") ?? true;
  const paused = flag(query, "paused");
  const pattern = query.get("dag_id_pattern")?.toLowerCase().replaceAll("%", "") ?? "";
  return dagsInOrder(world).filter(
    (dag) =>
      (!onlyActive || dag.active) &&
      (paused === undefined || dag.paused === paused) &&
      (pattern === "" || pattern === "~" || dag.dagId.toLowerCase().includes(pattern)) &&
      (tags.length === 0 || (dag.parsed.tags ?? []).some((tag) => tags.includes(tag))),
  );
};

const chosenFields = (rendered: object, query: URLSearchParams): object => {
  const fields = list(query, "fields");
  return fields.length === 0
    ? rendered
    : Object.fromEntries(Object.entries(rendered).filter(([name]) => fields.includes(name)));
};

const listDags = ({ deployment, request: { query } }: V1Call) => {
  const { world, settings } = deployment;
  const page = pageOf(query, settings.maximumPageLimit);
  const rows = sortRows(matching(world, query), query.get("order_by"), { dag_id: (dag) => dag.dagId });
  return json(200, {
    dags: slice(rows, page).map((dag) => chosenFields(renderDag(deployment, dag), query)),
    total_entries: rows.length,
  });
};

const setPaused = ({ deployment: { world, scheduler } }: V1Call, dag: DagRecord, paused: boolean): void => {
  dag.paused = paused;
  continueSchedule(world, scheduler, dag);
  for (const run of dag.open) scheduler.poke(run);
};

const checkMask = (query: URLSearchParams): void => {
  const mask = list(query, "update_mask");
  if (mask.some((name) => name !== "is_paused"))
    badRequest("Only `is_paused` field can be updated through the REST API");
};

const pauseBody = (call: V1Call): boolean => {
  const body = readBody(call.request, { is_paused: { type: "boolean" } });
  checkMask(call.request.query);
  const paused = flagOf(body, "is_paused");
  // An empty body is not foreseen: the webserver stumbles over it.
  if (paused === undefined) throw new Refusal(crashPage(call.deployment.settings.version));
  return paused;
};

const patchDag = (call: V1Call) => {
  const paused = pauseBody(call);
  const dag = namedDagOr404(call);
  setPaused(call, dag, paused);
  return json(200, renderDag(call.deployment, dag));
};

const patchDags = (call: V1Call) => {
  const { deployment, request } = call;
  if (request.query.get("dag_id_pattern") === null) badRequest("Missing query parameter 'dag_id_pattern'");
  const paused = pauseBody(call);
  const rows = matching(deployment.world, request.query);
  // Only the rows of the asked-for page are changed: a known trap of the real one.
  const chosen = slice(rows, pageOf(request.query, deployment.settings.maximumPageLimit));
  for (const dag of chosen) setPaused(call, dag, paused);
  return json(200, { dags: chosen.map((dag) => renderDag(deployment, dag)), total_entries: rows.length });
};

const deleteDag = (call: V1Call) => {
  const { world, scheduler } = call.deployment;
  const dag = namedDagOr404(call);
  if (hasRunningTask(dag)) refuse(409, { detail: `Task instances of dag with id: '${dag.dagId}' are still running` });
  removeDag(world, scheduler, dag);
  return text(204, "", "application/json");
};

const renderGraphTask = (dag: DagRecord, task: GraphTask): object => ({
  class_ref: { class_name: task.spec.operator ?? "BashOperator", module_path: "airflow.operators.bash" },
  depends_on_past: false,
  doc_md: task.spec.docMd ?? null,
  downstream_task_ids: task.downstream,
  end_date: null,
  execution_timeout: null,
  extra_links: [],
  is_mapped: task.spec.mapped !== undefined,
  operator_name: task.spec.operator ?? "BashOperator",
  owner: dag.serialized.owners?.[0] ?? "airflow",
  params: {},
  pool: task.spec.pool ?? "default_pool",
  pool_slots: task.spec.poolSlots ?? 1,
  priority_weight: 1,
  queue: "default",
  retries: task.spec.retries ?? 0,
  retry_delay: { __type: "TimeDelta", days: 0, microseconds: 0, seconds: task.spec.retryDelaySeconds ?? 300 },
  retry_exponential_backoff: false,
  start_date: toOffsetDate(startDateOf(dag.serialized)),
  task_display_name: task.taskId,
  task_id: task.taskId,
  template_fields: ["bash_command", "env", "cwd"],
  trigger_rule: task.spec.triggerRule ?? "all_success",
  ui_color: "#f0ede4",
  ui_fgcolor: "#000",
  wait_for_downstream: false,
  weight_rule: "downstream",
});

const dagWithTasksOr404 = (call: V1Call): DagRecord =>
  call.deployment.world.dags.get(param(call, "dag_id")) ?? refuse(404, { title: "DAG not found", detail: null });

const listTasks = (call: V1Call) => {
  const dag = dagWithTasksOr404(call);
  const { tasks } = graphOf(dag.serialized);
  return json(200, { tasks: tasks.map((task) => renderGraphTask(dag, task)), total_entries: tasks.length });
};

const getTask = (call: V1Call) => {
  const dag = dagWithTasksOr404(call);
  const task = graphOf(dag.serialized).byId.get(param(call, "task_id"));
  if (task === undefined) return refuse(404, { title: "Task not found", detail: null });
  return json(200, renderGraphTask(dag, task));
};

const FILTERS = {
  ...ORDERED_PAGE,
  tags: "string",
  only_active: "boolean",
  paused: "boolean",
  dag_id_pattern: "string",
} as const;

export const dagRoutes: readonly V1Route[] = [
  { method: "GET", path: "/dags", query: { ...FILTERS, fields: "string" }, handle: listDags },
  {
    method: "PATCH",
    path: "/dags",
    query: { ...FILTERS, update_mask: "string" },
    event: "api.patch_dags",
    handle: patchDags,
  },
  {
    method: "GET",
    path: "/dags/{dag_id}",
    query: { fields: "string" },
    handle: (call) => json(200, chosenFields(renderDag(call.deployment, dagOr404(call)), call.request.query)),
  },
  {
    method: "PATCH",
    path: "/dags/{dag_id}",
    query: { update_mask: "string" },
    event: "api.patch_dag",
    handle: patchDag,
  },
  { method: "DELETE", path: "/dags/{dag_id}", event: "api.delete_dag", handle: deleteDag },
  {
    method: "GET",
    path: "/dags/{dag_id}/details",
    query: { fields: "string" },
    handle: (call) => json(200, chosenFields(renderDetails(call.deployment, dagOr404(call)), call.request.query)),
  },
  { method: "GET", path: "/dags/{dag_id}/tasks", query: { order_by: "string" }, handle: listTasks },
  { method: "GET", path: "/dags/{dag_id}/tasks/{task_id}", handle: getTask },
];

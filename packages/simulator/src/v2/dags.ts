import { toZuluDate } from "../clock/instant.ts";
import { type Answer, json, text } from "../http/answer.ts";
import { continueSchedule } from "../scheduler/run-schedule.ts";
import { startDateOf } from "../scheduler/ticks.ts";
import { graphOf, type GraphTask } from "../specs/dag-graph.ts";
import type { DagRecord } from "../world/dag-record.ts";
import { RUN_STATES, type RunRecord } from "../world/run-record.ts";
import { deleteDag as removeDag, hasRunningTask } from "../world/files.ts";
import { dagsInOrder, type World } from "../world/world.ts";
import { flagOf, optionText, readBody } from "./body.ts";
import { invalid, refuse } from "./detail.ts";
import { flag, matchesPattern, orderingOf, pageOf, slice, sortBy, type SortKeys } from "./query.ts";
import { renderDag, renderDetails, renderVersion } from "./render-dag.ts";
import { param, type V2Call, type V2Route } from "./route.ts";

export const dagOr404 = (call: V2Call): DagRecord => {
  const dagId = param(call, "dag_id");
  return call.deployment.world.dags.get(dagId) ?? refuse(404, `The Dag with ID: \`${dagId}\` was not found`);
};

const lastRunOf = (dag: DagRecord): RunRecord | undefined => [...dag.runs.values()].at(-1);

const SORT: SortKeys<DagRecord> = {
  dag_id: (dag) => dag.dagId,
  dag_display_name: (dag) => dag.parsed.displayName ?? dag.dagId,
  next_dagrun: (dag) => dag.nextRun?.logicalAt ?? null,
  state: (dag) => lastRunOf(dag)?.state ?? null,
  start_date: (dag) => lastRunOf(dag)?.startAt ?? null,
  last_run_state: (dag) => lastRunOf(dag)?.state ?? null,
  last_run_start_date: (dag) => lastRunOf(dag)?.startAt ?? null,
};

const matching = (world: World, query: URLSearchParams): DagRecord[] => {
  const tags = query.getAll("tags");
  const wantsAll = query.get("tags_match_mode") === "all";
  const owners = query.getAll("owners");
  const excludesStale = flag(query, "exclude_stale") ?? true;
  const paused = flag(query, "paused");
  const broken = flag(query, "has_import_errors");
  const lastState = query.get("last_dag_run_state");
  if (lastState !== null && !(RUN_STATES as readonly string[]).includes(lastState)) {
    const expected = optionText(RUN_STATES);
    invalid([
      {
        type: "enum",
        loc: ["query", "last_dag_run_state"],
        msg: `Input should be ${expected}`,
        input: lastState,
        ctx: { expected },
      },
    ]);
  }
  const matchesTags = (dag: DagRecord): boolean => {
    const own = dag.parsed.tags ?? [];
    return (
      tags.length === 0 || (wantsAll ? tags.every((tag) => own.includes(tag)) : tags.some((tag) => own.includes(tag)))
    );
  };
  return dagsInOrder(world).filter(
    (dag) =>
      (!excludesStale || dag.active) &&
      (paused === undefined || dag.paused === paused) &&
      (broken === undefined || dag.hasImportErrors === broken) &&
      (lastState === null || lastRunOf(dag)?.state === lastState) &&
      (owners.length === 0 || (dag.parsed.owners ?? ["airflow"]).some((owner) => owners.includes(owner))) &&
      matchesPattern(dag.dagId, query.get("dag_id_pattern")) &&
      matchesPattern(dag.parsed.displayName ?? dag.dagId, query.get("dag_display_name_pattern")) &&
      matchesTags(dag),
  );
};

const sorted = (call: V2Call): DagRecord[] => {
  const { query } = call.request;
  const orders = query.getAll("order_by");
  return sortBy(
    matching(call.deployment.world, query),
    orderingOf(orders, SORT, (dag) => dag.dagId),
  );
};

const answerPage = (call: V2Call, rows: readonly DagRecord[], chosen: readonly DagRecord[]): Answer =>
  json(200, { dags: chosen.map((dag) => renderDag(call.deployment, dag)), total_entries: rows.length });

const listDags = (call: V2Call): Answer => {
  const page = pageOf(call.request.query, call.deployment.settings.maximumPageLimit);
  const rows = sorted(call);
  return answerPage(call, rows, slice(rows, page));
};

const setPaused = ({ deployment: { world, scheduler } }: V2Call, dag: DagRecord, paused: boolean): void => {
  dag.paused = paused;
  continueSchedule(world, scheduler, dag);
  for (const run of dag.open) scheduler.poke(run);
};

const readPaused = (call: V2Call): boolean => {
  const body = readBody(call.request, { is_paused: { type: "bool", isRequired: true } });
  const mask = call.request.query.getAll("update_mask").flatMap((name) => name.split(","));
  if (mask.some((name) => name !== "is_paused"))
    refuse(400, "Only `is_paused` field can be updated through the REST API");
  return flagOf(body, "is_paused") ?? false;
};

const patchDag = (call: V2Call): Answer => {
  const paused = readPaused(call);
  const dagId = param(call, "dag_id");
  const dag = call.deployment.world.dags.get(dagId) ?? refuse(404, `Dag with id: ${dagId} was not found`);
  setPaused(call, dag, paused);
  return json(200, renderDag(call.deployment, dag));
};

const patchDags = (call: V2Call): Answer => {
  const paused = readPaused(call);
  const page = pageOf(call.request.query, call.deployment.settings.maximumPageLimit);
  const rows = call.request.query.get("dag_id_pattern") === null ? [] : sorted(call);
  // Only the rows of the asked-for page are changed: a known trap of the real one.
  const chosen = slice(rows, page);
  for (const dag of chosen) setPaused(call, dag, paused);
  return answerPage(call, rows, chosen);
};

const deleteDag = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const dagId = param(call, "dag_id");
  const dag = world.dags.get(dagId) ?? refuse(404, `Dag with id: ${dagId} was not found`);
  if (hasRunningTask(dag)) refuse(409, `Task instances of dag with id: '${dag.dagId}' are still running`);
  removeDag(world, scheduler, dag);
  return text(204, "", "");
};

const renderGraphTask = (dag: DagRecord, { spec, taskId, downstream }: GraphTask): object => ({
  task_id: taskId,
  task_display_name: taskId,
  owner: dag.serialized.owners?.[0] ?? "airflow",
  start_date: toZuluDate(startDateOf(dag.serialized)),
  end_date: null,
  trigger_rule: spec.triggerRule ?? "all_success",
  depends_on_past: false,
  wait_for_downstream: false,
  retries: spec.retries ?? 0,
  queue: "default",
  pool: spec.pool ?? "default_pool",
  pool_slots: spec.poolSlots ?? 1,
  execution_timeout: null,
  retry_delay: { __type: "TimeDelta", days: 0, seconds: spec.retryDelaySeconds ?? 300, microseconds: 0 },
  retry_exponential_backoff: 0,
  priority_weight: 1,
  weight_rule: "downstream",
  ui_color: "#f0ede4",
  ui_fgcolor: "#000",
  template_fields: ["bash_command", "env", "cwd"],
  downstream_task_ids: downstream,
  doc_md: spec.docMd ?? null,
  operator_name: spec.operator ?? "BashOperator",
  params: {},
  class_ref: { module_path: "airflow.providers.standard.operators.bash", class_name: spec.operator ?? "BashOperator" },
  is_mapped: spec.mapped !== undefined,
  extra_links: [],
});

const listTasks = (call: V2Call): Answer => {
  const dag = dagOr404(call);
  const { tasks } = graphOf(dag.serialized);
  return json(200, { tasks: tasks.map((task) => renderGraphTask(dag, task)), total_entries: tasks.length });
};

const getTask = (call: V2Call): Answer => {
  const dag = dagOr404(call);
  const taskId = param(call, "task_id");
  const task = graphOf(dag.serialized).byId.get(taskId) ?? refuse(404, `Task with id ${taskId} was not found`);
  return json(200, renderGraphTask(dag, task));
};

const listVersions = (call: V2Call): Answer => {
  const page = pageOf(call.request.query, call.deployment.settings.maximumPageLimit);
  const dags = param(call, "dag_id") === "~" ? dagsInOrder(call.deployment.world) : [dagOr404(call)];
  const rows = dags.flatMap((dag) => dag.versions.map((version) => ({ dag, version })));
  const ordered = sortBy(
    rows,
    orderingOf(
      call.request.query.getAll("order_by"),
      {
        version_number: (row) => row.version.number,
        id: (row) => row.version.id,
        created_at: (row) => row.version.createdAt,
      },
      (row) => row.version.number,
    ),
  );
  return json(200, {
    dag_versions: slice(ordered, page).map(({ dag, version }) => renderVersion(dag, version)),
    total_entries: rows.length,
  });
};

const getVersion = (call: V2Call): Answer => {
  const dag = dagOr404(call);
  const number = param(call, "version_number");
  const version = dag.versions.find((candidate) => String(candidate.number) === number);
  if (version === undefined)
    return refuse(404, `The DagVersion with dag_id: \`${dag.dagId}\` and version_number: \`${number}\` was not found`);
  return json(200, renderVersion(dag, version));
};

const listTags = (call: V2Call): Answer => {
  const page = pageOf(call.request.query, call.deployment.settings.maximumPageLimit);
  const tags = [...new Set([...call.deployment.world.dags.values()].flatMap((dag) => dag.parsed.tags ?? []))].sort();
  return json(200, { tags: slice(tags, page), total_entries: tags.length });
};

export const dagRoutes: readonly V2Route[] = [
  { method: "GET", path: "/dags", handle: listDags },
  { method: "PATCH", path: "/dags", event: "patch_dags", handle: patchDags },
  { method: "GET", path: "/dagTags", handle: listTags },
  { method: "GET", path: "/dags/{dag_id}", handle: (call) => json(200, renderDag(call.deployment, dagOr404(call))) },
  { method: "PATCH", path: "/dags/{dag_id}", event: "patch_dag", handle: patchDag },
  { method: "DELETE", path: "/dags/{dag_id}", event: "delete_dag", handle: deleteDag },
  {
    method: "GET",
    path: "/dags/{dag_id}/details",
    handle: (call) => json(200, renderDetails(call.deployment, dagOr404(call))),
  },
  { method: "GET", path: "/dags/{dag_id}/tasks", handle: listTasks },
  { method: "GET", path: "/dags/{dag_id}/tasks/{task_id}", handle: getTask },
  { method: "GET", path: "/dags/{dag_id}/dagVersions", handle: listVersions },
  { method: "GET", path: "/dags/{dag_id}/dagVersions/{version_number}", handle: getVersion },
];

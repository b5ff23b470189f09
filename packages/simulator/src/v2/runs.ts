import { type Answer, json, text } from "../http/answer.ts";
import { clearTasks, selectTasks } from "../scheduler/clear-tasks.ts";
import { markRun } from "../scheduler/mark-run.ts";
import { updatedAtOf } from "../world/run-clockwork.ts";
import { RUN_STATES, type RunRecord } from "../world/run-record.ts";
import { findRun, removeRun, type World } from "../world/world.ts";
import { type BodySpec, dateOf, flagOf, numberOf, readBody, textOf, textsOf } from "./body.ts";
import { walk } from "./cursor.ts";
import { dagOr404 } from "./dags.ts";
import { refuse } from "./detail.ts";
import { date, matchesPattern, orderingOf, pageOf, rangeFilter, type SortKeys } from "./query.ts";
import { renderRun, runDurationOf } from "./render-run.ts";
import { renderTask } from "./render-task.ts";
import { param, type V2Call, type V2Route } from "./route.ts";
import { trigger } from "./trigger.ts";

export const runOr404 = (call: V2Call): RunRecord => {
  const dagId = param(call, "dag_id");
  const runId = param(call, "dag_run_id");
  return (
    findRun(call.deployment.world, dagId, runId) ??
    refuse(404, `The DagRun with dag_id: \`${dagId}\` and run_id: \`${runId}\` was not found`)
  );
};

const sortKeys = (world: World): SortKeys<RunRecord> => ({
  id: (run) => run.seq,
  state: (run) => run.state,
  dag_id: (run) => run.dag.dagId,
  run_id: (run) => run.runId,
  dag_run_id: (run) => run.runId,
  logical_date: (run) => run.logicalAt,
  run_after: (run) => run.runAfter,
  start_date: (run) => run.startAt,
  end_date: (run) => run.endAt,
  updated_at: (run) => updatedAtOf(world, run),
  conf: (run) => JSON.stringify(run.conf),
  duration: runDurationOf,
});

const dates = (world: World): Readonly<Record<string, (run: RunRecord) => number | null>> => ({
  run_after: (run) => run.runAfter,
  logical_date: (run) => run.logicalAt,
  start_date: (run) => run.startAt,
  end_date: (run) => run.endAt,
  updated_at: (run) => updatedAtOf(world, run),
});

const RUN_TYPES = ["backfill", "scheduled", "manual", "operator_triggered", "asset_triggered", "asset_materialization"];

const checkKnown = (values: readonly string[], known: readonly string[], what: string): void => {
  if (values.some((value) => !known.includes(value))) {
    refuse(422, `Invalid value for ${what}. Valid values are ${known.join(", ")}`);
  }
};

const listRuns = (call: V2Call): Answer => {
  const { world, settings } = call.deployment;
  const { query } = call.request;
  const page = pageOf(query, settings.maximumPageLimit);
  const source = param(call, "dag_id") === "~" ? world.runs : [...dagOr404(call).runs.values()];
  const [states, types] = [query.getAll("state"), query.getAll("run_type")];
  checkKnown(states, RUN_STATES, "state");
  checkKnown(types, RUN_TYPES, "run type");
  const isInTime = rangeFilter(dates(world), (name) => date(query, name));
  const matches = source.filter(
    (run) =>
      (states.length === 0 || states.includes(run.state)) &&
      (types.length === 0 || types.includes(run.runType)) &&
      matchesPattern(run.runId, query.get("run_id_pattern")) &&
      matchesPattern(run.dag.dagId, query.get("dag_id_pattern")) &&
      matchesPattern(run.triggeringUser ?? "", query.get("triggering_user_name_pattern")) &&
      (query.get("conf_contains") === null || JSON.stringify(run.conf).includes(query.get("conf_contains") ?? "")) &&
      isInTime(run),
  );
  const ordering = orderingOf(query.getAll("order_by"), sortKeys(world), (run) => run.seq);
  const { rows, fields } = walk(matches, ordering, page, query.get("cursor"));
  return json(200, { dag_runs: rows.map((run) => renderRun(world, run)), ...fields });
};

const BATCH_DATES = ["run_after", "logical_date", "start_date", "end_date"] as const;

const BATCH: BodySpec = {
  order_by: { type: "string", isNullable: true },
  page_offset: { type: "int", minimum: 0 },
  page_limit: { type: "int", minimum: 0 },
  dag_ids: { type: "list", isNullable: true },
  states: { type: "list", isNullable: true, itemOptions: RUN_STATES },
  ...Object.fromEntries(
    BATCH_DATES.flatMap((name) =>
      ["gte", "gt", "lte", "lt"].map((end) => [`${name}_${end}`, { type: "datetime", isNullable: true } as const]),
    ),
  ),
  ...Object.fromEntries(["gte", "gt", "lte", "lt"].map((end) => [`duration_${end}`, { type: "any" } as const])),
  conf_contains: { type: "string", isNullable: true },
};

const batchRuns = (call: V2Call): Answer => {
  const { world } = call.deployment;
  const body = readBody(call.request, BATCH);
  const [dagIds, states] = [textsOf(body, "dag_ids"), textsOf(body, "states")];
  const isInTime = rangeFilter(dates(world), (name) => dateOf(body, name));
  const matches = world.runs.filter(
    (run) => (dagIds?.includes(run.dag.dagId) ?? true) && (states?.includes(run.state) ?? true) && isInTime(run),
  );
  const order = textOf(body, "order_by");
  const ordering = orderingOf(order === undefined ? [] : [order], sortKeys(world), (run) => run.seq);
  // No cap on the page here, unlike the GET.
  const page = { limit: numberOf(body, "page_limit") ?? 100, offset: numberOf(body, "page_offset") ?? 0 };
  const { rows, fields } = walk(matches, ordering, page, null);
  return json(200, { dag_runs: rows.map((run) => renderRun(world, run)), ...fields });
};

const patchRun = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, {
    state: { type: "string", isNullable: true, options: ["queued", "success", "failed"] },
    note: { type: "string", isNullable: true, maxLength: 1000 },
  });
  const run = runOr404(call);
  const mask = call.request.query.getAll("update_mask").flatMap((name) => name.split(","));
  const takes = (name: string): boolean => name in body && (mask.length === 0 || mask.includes(name));
  const state = textOf(body, "state");
  if (takes("note")) run.note = textOf(body, "note") ?? null;
  if (takes("state") && (state === "queued" || state === "success" || state === "failed"))
    markRun(world, scheduler, run, state);
  return json(200, renderRun(world, run));
};

const deleteRun = (call: V2Call): Answer => {
  const run = runOr404(call);
  if (run.state === "running") {
    refuse(
      409,
      `The DagRun with dag_id: \`${run.dag.dagId}\` and run_id: \`${run.runId}\` cannot be deleted in running state`,
    );
  }
  removeRun(call.deployment.world, run);
  return text(204, "", "application/json");
};

const clearRun = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, {
    dry_run: { type: "bool" },
    only_failed: { type: "bool" },
    only_new: { type: "bool" },
    run_on_latest_version: { type: "bool", isNullable: true },
    note: { type: "string", isNullable: true },
  });
  const run = runOr404(call);
  const tasks = selectTasks(world, run, { onlyFailed: flagOf(body, "only_failed") ?? false });
  if (flagOf(body, "dry_run") ?? true) {
    return json(200, { task_instances: tasks.map(renderTask), total_entries: tasks.length });
  }
  clearTasks(world, scheduler, run, tasks, true);
  return json(200, renderRun(world, run));
};

const BASE = "/dags/{dag_id}/dagRuns";

export const runRoutes: readonly V2Route[] = [
  { method: "GET", path: BASE, handle: listRuns },
  { method: "POST", path: "/dags/~/dagRuns/list", handle: batchRuns },
  { method: "POST", path: BASE, event: "trigger_dag_run", handle: trigger },
  {
    method: "GET",
    path: `${BASE}/{dag_run_id}`,
    handle: (call) => json(200, renderRun(call.deployment.world, runOr404(call))),
  },
  { method: "PATCH", path: `${BASE}/{dag_run_id}`, event: "patch_dag_run", handle: patchRun },
  { method: "DELETE", path: `${BASE}/{dag_run_id}`, event: "delete_dag_run", handle: deleteRun },
  { method: "POST", path: `${BASE}/{dag_run_id}/clear`, event: "clear_dag_run", handle: clearRun },
];

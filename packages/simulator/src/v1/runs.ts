import { json, text } from "../http/answer.ts";
import { markRun } from "../scheduler/mark-run.ts";
import { updatedAtOf } from "../world/run-clockwork.ts";
import type { RunRecord } from "../world/run-record.ts";
import { findRun, removeRun, type World } from "../world/world.ts";
import { type BodySpec, dateOf, numberOf, readBody, textOf, textsOf } from "./body.ts";
import { badRequest, refuse } from "./problem.ts";
import { date, list, pageOf, slice, type SortKeys, sortRows } from "./query.ts";
import { renderRun } from "./render-run.ts";
import { ORDERED_PAGE, param, type V1Call, type V1Route } from "./route.ts";
import { trigger } from "./trigger.ts";

/** A run by its address; the wording of the 404 depends on the operation. */
export const runOr404 = (call: V1Call, style: "get" | "delete" | "change" | "clear" = "get"): RunRecord => {
  const dagId = param(call, "dag_id");
  const runId = param(call, "dag_run_id");
  const run = findRun(call.deployment.world, dagId, runId);
  if (run !== undefined) return run;
  if (style === "get" || style === "delete") {
    return refuse(404, {
      title: style === "get" ? "DAGRun not found" : "Not Found",
      detail: `DAGRun with DAG ID: '${dagId}' and DagRun ID: '${runId}' not found`,
    });
  }
  return refuse(404, {
    title: `Dag Run id ${runId} not found in dag ${style === "clear" ? "  " : ""}${dagId}`,
    detail: null,
  });
};

const sortKeys = (world: World): SortKeys<RunRecord> => ({
  id: (run) => run.seq,
  state: (run) => run.state,
  dag_id: (run) => run.dag.dagId,
  execution_date: (run) => run.logicalAt,
  dag_run_id: (run) => run.runId,
  start_date: (run) => run.startAt,
  end_date: (run) => run.endAt,
  updated_at: (run) => updatedAtOf(world, run),
  external_trigger: (run) => (run.runType === "manual" ? 1 : 0),
  conf: (run) => JSON.stringify(run.conf),
});

const DATES = ["execution_date", "start_date", "end_date", "updated_at"] as const;

const dateFilters = (world: World, bound: (name: string) => number | undefined): ((run: RunRecord) => boolean) => {
  const keys = sortKeys(world);
  const checks = DATES.map((name) => ({
    key: keys[name],
    from: bound(`${name}_gte`),
    until: bound(`${name}_lte`),
  })).filter(({ from, until }) => from !== undefined || until !== undefined);
  return (run) =>
    checks.every(({ key, from, until }) => {
      const at = key?.(run) ?? null;
      return typeof at === "number" && (from === undefined || at >= from) && (until === undefined || at <= until);
    });
};

const listRuns = (call: V1Call) => {
  const { world, settings } = call.deployment;
  const { query } = call.request;
  const dagId = param(call, "dag_id");
  const states = list(query, "state");
  const page = pageOf(query, settings.maximumPageLimit);
  const isInTime = dateFilters(world, (name) => date(query, name));
  // An unknown DAG has no runs: no 404 on Airflow 2.
  const source = dagId === "~" ? world.runs : [...(world.dags.get(dagId)?.runs.values() ?? [])];
  const matches = source.filter((run) => (states.length === 0 || states.includes(run.state)) && isInTime(run));
  const rows = sortRows(matches, query.get("order_by") ?? "id", sortKeys(world));
  return json(200, { dag_runs: slice(rows, page).map((run) => renderRun(world, run)), total_entries: rows.length });
};

const BATCH: BodySpec = {
  order_by: { type: "string" },
  page_offset: { type: "integer", minimum: 0 },
  page_limit: { type: "integer", minimum: 1 },
  dag_ids: { type: "array" },
  states: { type: "array" },
  ...Object.fromEntries(
    DATES.flatMap((name) => [`${name}_gte`, `${name}_lte`]).map((name) => [name, { type: "date-time" } as const]),
  ),
};

const batchRuns = (call: V1Call) => {
  const { world } = call.deployment;
  const body = readBody(call.request, BATCH);
  const dagIds = textsOf(body, "dag_ids");
  const states = textsOf(body, "states");
  // `updated_at` is accepted here and has no effect; the page limit has no cap.
  const isInTime = dateFilters(world, (name) => (name.startsWith("updated_at") ? undefined : dateOf(body, name)));
  const matches = world.runs.filter(
    (run) => (dagIds?.includes(run.dag.dagId) ?? true) && (states?.includes(run.state) ?? true) && isInTime(run),
  );
  const rows = sortRows(matches, textOf(body, "order_by") ?? "id", sortKeys(world));
  const page = { limit: numberOf(body, "page_limit") ?? 100, offset: numberOf(body, "page_offset") ?? 0 };
  return json(200, { dag_runs: slice(rows, page).map((run) => renderRun(world, run)), total_entries: rows.length });
};

const patchRun = (call: V1Call) => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, {
    state: { type: "string", options: ["success", "failed", "queued"] },
  });
  const run = runOr404(call, "change");
  if (!("state" in body)) badRequest("{'state': ['Missing data for required field.']}");
  const state = textOf(body, "state");
  if (state === "success" || state === "failed" || state === "queued") markRun(world, scheduler, run, state);
  return json(200, renderRun(world, run));
};

const setNote = (call: V1Call) => {
  const body = readBody(call.request, { note: { type: "string", isNullable: true, maxLength: 1000 } });
  const run = runOr404(call, "change");
  if (!("note" in body)) badRequest("{'note': ['Missing data for required field.']}");
  run.note = textOf(body, "note") ?? null;
  return json(200, renderRun(call.deployment.world, run));
};

const deleteRun = (call: V1Call) => {
  const run = runOr404(call, "delete");
  removeRun(call.deployment.world, run);
  for (const task of run.tasks ?? []) task.epoch += 1;
  return text(204, "", "application/json");
};

const RANGES = Object.fromEntries(
  DATES.flatMap((name) => [`${name}_gte`, `${name}_lte`]).map((name) => [name, "date-time" as const]),
);

export const runRoutes: readonly V1Route[] = [
  {
    method: "GET",
    path: "/dags/{dag_id}/dagRuns",
    query: { ...ORDERED_PAGE, ...RANGES, state: "string", fields: "string" },
    handle: listRuns,
  },
  { method: "POST", path: "/dags/~/dagRuns/list", handle: batchRuns },
  { method: "POST", path: "/dags/{dag_id}/dagRuns", event: "api.post_dag_run", handle: trigger },
  {
    method: "GET",
    path: "/dags/{dag_id}/dagRuns/{dag_run_id}",
    query: { fields: "string" },
    handle: (call) => json(200, renderRun(call.deployment.world, runOr404(call))),
  },
  { method: "PATCH", path: "/dags/{dag_id}/dagRuns/{dag_run_id}", event: "api.update_dag_run_state", handle: patchRun },
  { method: "DELETE", path: "/dags/{dag_id}/dagRuns/{dag_run_id}", event: "api.delete_dag_run", handle: deleteRun },
  {
    method: "PATCH",
    path: "/dags/{dag_id}/dagRuns/{dag_run_id}/setNote",
    event: "api.set_dag_run_note",
    handle: setNote,
  },
];

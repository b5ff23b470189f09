import { type Answer, json } from "../http/answer.ts";
import { clearTasks, selectTasks } from "../scheduler/clear-tasks.ts";
import type { RunRecord } from "../world/run-record.ts";
import { findRun } from "../world/world.ts";
import { type Body, type BodySpec, dateOf, flagOf, readBody, textOf, textsOf } from "./body.ts";
import { refuse } from "./problem.ts";
import { renderReference } from "./render-task.ts";
import { renderRun } from "./render-run.ts";
import { param, type V1Call, type V1Route } from "./route.ts";
import { runOr404 } from "./runs.ts";

const clearRun = (call: V1Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, { dry_run: { type: "boolean" } });
  const run = runOr404(call, "clear");
  const tasks = selectTasks(world, run, { onlyFailed: false });
  if (flagOf(body, "dry_run") ?? true) return json(200, { task_instances: tasks.map(renderReference) });
  clearTasks(world, scheduler, run, tasks, true);
  return json(200, renderRun(world, run));
};

const BODY: BodySpec = {
  dry_run: { type: "boolean" },
  task_ids: { type: "array" },
  dag_run_id: { type: "string", isNullable: true },
  start_date: { type: "date-time", isNullable: true },
  end_date: { type: "date-time", isNullable: true },
  only_failed: { type: "boolean" },
  only_running: { type: "boolean" },
  include_subdags: { type: "boolean" },
  include_parentdag: { type: "boolean" },
  reset_dag_runs: { type: "boolean" },
  include_upstream: { type: "boolean" },
  include_downstream: { type: "boolean" },
  include_future: { type: "boolean" },
  include_past: { type: "boolean" },
};

/** Without a run id this is about every run of the DAG: the trap that makes an explicit id a rule for clients. */
const runsOf = (call: V1Call, body: Body): readonly RunRecord[] => {
  const { world } = call.deployment;
  const dagId = param(call, "dag_id");
  const dag = world.dags.get(dagId);
  if (dag === undefined) return refuse(404, { title: `Dag id ${dagId} not found`, detail: null });
  const runId = textOf(body, "dag_run_id");
  if (runId !== undefined) {
    const run = findRun(world, dagId, runId);
    return run === undefined
      ? refuse(404, { title: `Dag Run id ${runId} not found in dag ${dagId}`, detail: null })
      : [run];
  }
  const from = dateOf(body, "start_date") ?? 0;
  const until = dateOf(body, "end_date") ?? Number.MAX_SAFE_INTEGER;
  return [...dag.runs.values()].filter((run) => run.runAfter >= from && run.runAfter <= until);
};

const clearTaskInstances = (call: V1Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, BODY);
  const runs = runsOf(call, body);
  const names = textsOf(body, "task_ids");
  const selection = {
    ...(names === undefined ? {} : { tasks: names }),
    onlyFailed: flagOf(body, "only_failed") ?? true,
    onlyRunning: flagOf(body, "only_running") ?? false,
    includeUpstream: flagOf(body, "include_upstream") ?? false,
    includeDownstream: flagOf(body, "include_downstream") ?? false,
  };
  const chosen = runs.map((run) => ({ run, tasks: selectTasks(world, run, selection) }));
  const references = chosen.flatMap(({ tasks }) => tasks.map(renderReference));
  if (!(flagOf(body, "dry_run") ?? true)) {
    const resets = flagOf(body, "reset_dag_runs") ?? false;
    for (const { run, tasks } of chosen) clearTasks(world, scheduler, run, tasks, resets);
  }
  return json(200, { task_instances: references });
};

export const clearRoutes: readonly V1Route[] = [
  { method: "POST", path: "/dags/{dag_id}/dagRuns/{dag_run_id}/clear", event: "api.clear_dag_run", handle: clearRun },
  {
    method: "POST",
    path: "/dags/{dag_id}/clearTaskInstances",
    event: "api.post_clear_task_instances",
    handle: clearTaskInstances,
  },
];

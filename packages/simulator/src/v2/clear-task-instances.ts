import { type Answer, json } from "../http/answer.ts";
import { clearTasks, selectTasks } from "../scheduler/clear-tasks.ts";
import type { RunRecord } from "../world/run-record.ts";
import { tasksOf } from "../world/tasks-of-run.ts";
import { findRun } from "../world/world.ts";
import { type Body, type BodySpec, dateOf, flagOf, readBody, textOf } from "./body.ts";
import { refuse } from "./detail.ts";
import { renderTask } from "./render-task.ts";
import { param, type V2Call, type V2Route } from "./route.ts";

const BODY: BodySpec = {
  dry_run: { type: "bool" },
  start_date: { type: "datetime", isNullable: true },
  end_date: { type: "datetime", isNullable: true },
  only_failed: { type: "bool" },
  only_running: { type: "bool" },
  reset_dag_runs: { type: "bool" },
  task_ids: { type: "list", isNullable: true },
  dag_run_id: { type: "string", isNullable: true },
  include_upstream: { type: "bool" },
  include_downstream: { type: "bool" },
  include_future: { type: "bool" },
  include_past: { type: "bool" },
  run_on_latest_version: { type: "bool", isNullable: true },
  prevent_running_task: { type: "bool" },
  note: { type: "string", isNullable: true },
};

/** Without a run id this is about every run of the DAG: the trap that makes an explicit id a rule for clients. */
const runsOf = (call: V2Call, body: Body): readonly RunRecord[] => {
  const { world } = call.deployment;
  const dagId = param(call, "dag_id");
  const dag = world.dags.get(dagId) ?? refuse(404, `The Dag with ID: \`${dagId}\` was not found`);
  const runId = textOf(body, "dag_run_id");
  if (runId !== undefined)
    return [findRun(world, dagId, runId) ?? refuse(404, `Dag Run id ${runId} not found in dag ${dagId}`)];
  const from = dateOf(body, "start_date") ?? 0;
  const until = dateOf(body, "end_date") ?? Number.MAX_SAFE_INTEGER;
  return [...dag.runs.values()].filter((run) => run.runAfter >= from && run.runAfter <= until);
};

const namesOf = (body: Body): (string | readonly [string, number])[] | undefined => {
  const { task_ids: given } = body;
  if (!Array.isArray(given)) return undefined;
  return given.map((name: unknown) => (Array.isArray(name) ? [String(name[0]), Number(name[1])] : String(name)));
};

const clearTaskInstances = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, BODY);
  const runs = runsOf(call, body);
  const names = namesOf(body);
  const selection = {
    ...(names === undefined ? {} : { tasks: names }),
    onlyFailed: flagOf(body, "only_failed") ?? true,
    onlyRunning: flagOf(body, "only_running") ?? false,
    includeUpstream: flagOf(body, "include_upstream") ?? false,
    includeDownstream: flagOf(body, "include_downstream") ?? false,
  };
  const chosen = runs.map((run) => ({ run, tasks: selectTasks(world, run, selection) }));
  const keys = chosen.flatMap(({ tasks }) =>
    tasks.map((task) => ({ run: task.run, taskId: task.task.taskId, mapIndex: task.mapIndex })),
  );
  if (
    flagOf(body, "prevent_running_task") === true &&
    chosen.some(({ tasks }) => tasks.some((task) => task.state === "running"))
  ) {
    refuse(409, "AirflowClearRunningTaskException: Cannot clear task instances that are running");
  }
  if (!(flagOf(body, "dry_run") ?? true)) {
    const resets = flagOf(body, "reset_dag_runs") ?? true;
    for (const { run, tasks } of chosen) clearTasks(world, scheduler, run, tasks, resets);
  }
  const after = keys.flatMap(({ run, taskId, mapIndex }) =>
    tasksOf(world, run).filter((task) => task.task.taskId === taskId && task.mapIndex === mapIndex),
  );
  return json(200, {
    task_instances: after.map(renderTask),
    total_entries: after.length,
    total_entries_limit: null,
    next_cursor: null,
    previous_cursor: null,
  });
};

export const clearTaskRoutes: readonly V2Route[] = [
  {
    method: "POST",
    path: "/dags/{dag_id}/clearTaskInstances",
    event: "post_clear_task_instances",
    handle: clearTaskInstances,
  },
];

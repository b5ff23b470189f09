import { type Answer, json } from "../http/answer.ts";
import { markTasks } from "../scheduler/mark-task.ts";
import { graphOf } from "../specs/dag-graph.ts";
import type { TaskRecord } from "../world/task-record.ts";
import { tasksOf } from "../world/tasks-of-run.ts";
import { type BodySpec, flagOf, readBody, textOf } from "./body.ts";
import { refuse } from "./detail.ts";
import { renderTask } from "./render-task.ts";
import { param, type V2Call, type V2Route } from "./route.ts";
import { instancesOf, mappedTaskOr404, taskOr404 } from "./task-lookup.ts";

const PATCH: BodySpec = {
  new_state: { type: "string", isNullable: true, choices: ["success", "failed", "skipped"] },
  note: { type: "string", isNullable: true, maxLength: 1000 },
  include_upstream: { type: "bool" },
  include_downstream: { type: "bool" },
  include_future: { type: "bool" },
  include_past: { type: "bool" },
};

const neighbours = (call: V2Call, task: TaskRecord, direction: "upstream" | "downstream"): TaskRecord[] => {
  const all = tasksOf(call.deployment.world, task.run);
  const found = new Set<string>();
  const open = [task.task.taskId];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const here = all.find((candidate) => candidate.task.taskId === next);
    for (const id of here?.task[direction] ?? []) {
      if (found.has(id)) continue;
      found.add(id);
      open.push(id);
    }
  }
  return all.filter((candidate) => found.has(candidate.task.taskId));
};

/** Whether the DAG has such a task at all is asked before the run. */
const checkTaskOfDag = (call: V2Call): void => {
  const [dagId, taskId] = [param(call, "dag_id"), param(call, "task_id")];
  const dag = call.deployment.world.dags.get(dagId) ?? refuse(404, `The Dag with ID: \`${dagId}\` was not found`);
  if (!graphOf(dag.serialized).byId.has(taskId)) refuse(404, `Task '${taskId}' not found in Dag '${dagId}'`);
};

/** Acts at once: a preview is a path of its own here, not a key of the body. */
const patchTask = (call: V2Call, find: (call: V2Call) => readonly TaskRecord[], isDryRun: boolean): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, PATCH);
  checkTaskOfDag(call);
  const named = find(call);
  const state = textOf(body, "new_state");
  const chosen = named.flatMap((task) => [
    ...(flagOf(body, "include_upstream") === true ? neighbours(call, task, "upstream") : []),
    task,
    ...(flagOf(body, "include_downstream") === true ? neighbours(call, task, "downstream") : []),
  ]);
  const fields = { total_entries: chosen.length, total_entries_limit: null, next_cursor: null, previous_cursor: null };
  if (isDryRun) return json(200, { task_instances: chosen.map(renderTask), total_entries: chosen.length });
  if (state === "success" || state === "failed" || state === "skipped") markTasks(world, scheduler, chosen, state);
  if ("note" in body) for (const task of named) task.note = textOf(body, "note") ?? null;
  const wanted = new Set(chosen.map((task) => `${task.task.taskId}/${task.mapIndex}`));
  const run = named[0]?.run;
  const after =
    run === undefined ? [] : tasksOf(world, run).filter((task) => wanted.has(`${task.task.taskId}/${task.mapIndex}`));
  return json(200, { task_instances: after.map(renderTask), ...fields });
};

const allInstances = (call: V2Call): readonly TaskRecord[] => {
  const found = instancesOf(call);
  return found.length > 0 ? found : [taskOr404(call)];
};
const oneMapped = (call: V2Call): readonly TaskRecord[] => [mappedTaskOr404(call)];

const BASE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";

export const patchTaskRoutes: readonly V2Route[] = [
  { method: "PATCH", path: BASE, event: "patch_task_instance", handle: (call) => patchTask(call, allInstances, false) },
  { method: "PATCH", path: `${BASE}/dry_run`, handle: (call) => patchTask(call, allInstances, true) },
  {
    method: "PATCH",
    path: `${BASE}/{map_index}`,
    event: "patch_task_instance",
    handle: (call) => patchTask(call, oneMapped, false),
  },
  { method: "PATCH", path: `${BASE}/{map_index}/dry_run`, handle: (call) => patchTask(call, oneMapped, true) },
];

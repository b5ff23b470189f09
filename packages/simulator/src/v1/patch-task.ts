import { type Answer, json } from "../http/answer.ts";
import { markTasks } from "../scheduler/mark-task.ts";
import { graphOf } from "../specs/dag-graph.ts";
import type { TaskRecord } from "../world/task-record.ts";
import { flagOf, readBody, textOf } from "./body.ts";
import { refuse } from "./problem.ts";
import { renderReference } from "./render-task.ts";
import { param, type V1Call, type V1Route } from "./route.ts";
import { mappedTaskOr404, taskOr404 } from "./task-lookup.ts";

/** Whether the DAG has such a task at all is asked before the run. */
const checkTaskOfDag = (call: V1Call): void => {
  const [dagId, taskId] = [param(call, "dag_id"), param(call, "task_id")];
  const dag = call.deployment.world.dags.get(dagId);
  if (dag === undefined) refuse(404, { title: "DAG not found", detail: `DAG '${dagId}' not found` });
  else if (!graphOf(dag.serialized).byId.has(taskId)) {
    refuse(404, { title: "Task not found", detail: `Task '${taskId}' not found in DAG '${dagId}'` });
  }
};

const patchTask = (call: V1Call, find: (call: V1Call) => TaskRecord): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, {
    dry_run: { type: "boolean" },
    new_state: { type: "string", options: ["success", "failed", "skipped"] },
  });
  if (!("new_state" in body)) refuse(400, { detail: "{'new_state': ['Missing data for required field.']}" });
  checkTaskOfDag(call);
  const task = find(call);
  const state = textOf(body, "new_state");
  if (flagOf(body, "dry_run") ?? true) return json(200, renderReference(task));
  if (state === "success" || state === "failed" || state === "skipped") markTasks(world, scheduler, [task], state);
  // Measured: the answer to a real change is an empty object.
  return json(200, {});
};

const BASE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";

export const patchTaskRoutes: readonly V1Route[] = [
  { method: "PATCH", path: BASE, event: "api.patch_task_instance", handle: (call) => patchTask(call, taskOr404) },
  {
    method: "PATCH",
    path: `${BASE}/{map_index:int}`,
    event: "api.patch_mapped_task_instance",
    handle: (call) => patchTask(call, mappedTaskOr404),
  },
];

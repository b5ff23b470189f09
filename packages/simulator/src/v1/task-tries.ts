import { type Answer, json } from "../http/answer.ts";
import type { TaskRecord } from "../world/task-record.ts";
import { triesOf } from "../world/tries.ts";
import { refuse } from "./problem.ts";
import { renderTry } from "./render-task.ts";
import { ORDERED_PAGE, param, type V1Call, type V1Route } from "./route.ts";
import { instancesOf } from "./task-lookup.ts";

/** This one operation knows no 404: what is not there has no tries. */
const listTries = (call: V1Call, mapIndex: number): Answer => {
  const task = instancesOf(call).find((candidate) => candidate.mapIndex === mapIndex);
  const tries = task === undefined ? [] : triesOf(task).map((attempt) => renderTry(task, attempt));
  return json(200, { task_instances: tries, total_entries: tries.length });
};

const getTry = (call: V1Call, find: (call: V1Call) => TaskRecord | undefined): Answer => {
  const number = Number(param(call, "task_try_number"));
  const task = find(call);
  const attempt = task === undefined ? undefined : triesOf(task).find((candidate) => candidate.tryNumber === number);
  if (task !== undefined && attempt !== undefined) return json(200, renderTry(task, attempt));
  const place = `dag_id=${param(call, "dag_id")}, run_id=${param(call, "dag_run_id")}, task_id=${param(call, "task_id")}`;
  const mapIndex = call.params.map_index ?? "-1";
  return refuse(404, {
    title: "Task instance not found",
    detail: `Task Instance not found for ${place}, map_index=${mapIndex}, try_number=${number}.`,
  });
};

const BASE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";

export const taskTryRoutes: readonly V1Route[] = [
  { method: "GET", path: `${BASE}/tries`, query: ORDERED_PAGE, handle: (call) => listTries(call, -1) },
  {
    method: "GET",
    path: `${BASE}/tries/{task_try_number:int}`,
    handle: (call) => getTry(call, (own) => instancesOf(own).find((task) => task.mapIndex < 0)),
  },
  {
    method: "GET",
    path: `${BASE}/{map_index:int}/tries`,
    query: ORDERED_PAGE,
    handle: (call) => listTries(call, Number(param(call, "map_index"))),
  },
  {
    method: "GET",
    path: `${BASE}/{map_index:int}/tries/{task_try_number:int}`,
    handle: (call) =>
      getTry(call, (own) => instancesOf(own).find((task) => String(task.mapIndex) === param(own, "map_index"))),
  },
];

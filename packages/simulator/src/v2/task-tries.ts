import { type Answer, json } from "../http/answer.ts";
import type { TaskRecord } from "../world/task-record.ts";
import { triesOf } from "../world/tries.ts";
import { refuse } from "./detail.ts";
import { renderTry } from "./render-task.ts";
import { param, type V2Call, type V2Route } from "./route.ts";
import { instancesOf } from "./task-lookup.ts";

type Find = (call: V2Call) => TaskRecord | undefined;

const plainOne: Find = (call) => instancesOf(call).find((task) => task.mapIndex < 0);
const mappedOne: Find = (call) => instancesOf(call).find((task) => String(task.mapIndex) === param(call, "map_index"));

const noTry = (call: V2Call, tryText: string): never => {
  const [dagId, runId, taskId] = [param(call, "dag_id"), param(call, "dag_run_id"), param(call, "task_id")];
  const place = `dag_id: \`${dagId}\`, run_id: \`${runId}\`, task_id: \`${taskId}\``;
  return refuse(
    404,
    `The Task Instance with ${place}${tryText} and map_index: \`${call.params.map_index ?? "-1"}\` was not found`,
  );
};

const listTries = (call: V2Call, find: Find): Answer => {
  const task = find(call) ?? noTry(call, "");
  const tries = triesOf(task);
  return json(200, { task_instances: tries.map((attempt) => renderTry(task, attempt)), total_entries: tries.length });
};

const getTry = (call: V2Call, find: Find): Answer => {
  const number = param(call, "task_try_number");
  const task = find(call);
  const attempt =
    task === undefined ? undefined : triesOf(task).find((candidate) => String(candidate.tryNumber) === number);
  if (task === undefined || attempt === undefined) return noTry(call, `, try_number: \`${number}\``);
  return json(200, renderTry(task, attempt));
};

const BASE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";

export const taskTryRoutes: readonly V2Route[] = [
  { method: "GET", path: `${BASE}/tries`, handle: (call) => listTries(call, plainOne) },
  { method: "GET", path: `${BASE}/tries/{task_try_number}`, handle: (call) => getTry(call, plainOne) },
  { method: "GET", path: `${BASE}/{map_index}/tries`, handle: (call) => listTries(call, mappedOne) },
  {
    method: "GET",
    path: `${BASE}/{map_index}/tries/{task_try_number}`,
    handle: (call) => getTry(call, mappedOne),
  },
];

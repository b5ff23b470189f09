import { toOffsetDate } from "../clock/instant.ts";
import { type Answer, json } from "../http/answer.ts";
import { pythonRepr } from "../http/python-text.ts";
import type { TaskRecord } from "../world/task-record.ts";
import { refuse } from "./problem.ts";
import { flag } from "./query.ts";
import { dateOrNull } from "./render-run.ts";
import { PAGE, param, type V1Call, type V1Route } from "./route.ts";
import { instancesOf } from "./task-lookup.ts";

const entriesOf = (call: V1Call): readonly TaskRecord[] =>
  instancesOf(call).filter((task) => task.state === "success" && task.task.spec.returns !== undefined);

const render = (task: TaskRecord): object => ({
  dag_id: task.run.dag.dagId,
  execution_date: dateOrNull(task.run.logicalAt),
  key: "return_value",
  map_index: task.mapIndex,
  task_id: task.task.taskId,
  timestamp: toOffsetDate(task.endAt ?? task.updatedAt),
});

const getEntry = (call: V1Call): Answer => {
  const mapIndex = Number(call.request.query.get("map_index") ?? -1);
  const entry = entriesOf(call).find((task) => task.mapIndex === mapIndex);
  if (entry === undefined || param(call, "xcom_key") !== "return_value") {
    return refuse(404, { title: "XCom entry not found", detail: null });
  }
  const value = entry.task.spec.returns;
  return json(200, {
    ...render(entry),
    value: (flag(call.request.query, "stringify") ?? true) ? pythonRepr(value) : value,
  });
};

const BASE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries";

export const xcomRoutes: readonly V1Route[] = [
  {
    method: "GET",
    path: BASE,
    query: { ...PAGE, map_index: "integer", xcom_key: "string" },
    handle: (call) => {
      const entries = entriesOf(call);
      return json(200, { total_entries: entries.length, xcom_entries: entries.map(render) });
    },
  },
  {
    method: "GET",
    path: `${BASE}/{xcom_key}`,
    query: { map_index: "integer", deserialize: "boolean", stringify: "boolean" },
    handle: getEntry,
  },
];

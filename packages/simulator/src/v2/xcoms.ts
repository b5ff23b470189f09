import { toZuluDate } from "../clock/instant.ts";
import { type Answer, json } from "../http/answer.ts";
import { pythonRepr } from "../http/python-text.ts";
import type { TaskRecord } from "../world/task-record.ts";
import { refuse } from "./detail.ts";
import { flag, pageOf, slice } from "./query.ts";
import { dateOrNull } from "./render-run.ts";
import { param, type V2Call, type V2Route } from "./route.ts";
import { instancesOf } from "./task-lookup.ts";

const entriesOf = (call: V2Call): readonly TaskRecord[] =>
  instancesOf(call).filter((task) => task.state === "success" && task.task.spec.returns !== undefined);

const render = (task: TaskRecord): object => ({
  key: "return_value",
  timestamp: toZuluDate(task.endAt ?? task.updatedAt),
  logical_date: dateOrNull(task.run.logicalAt),
  map_index: task.mapIndex,
  task_id: task.task.taskId,
  dag_id: task.run.dag.dagId,
  run_id: task.run.runId,
  dag_display_name: task.run.dag.parsed.displayName ?? task.run.dag.dagId,
  task_display_name: task.task.taskId,
  run_after: toZuluDate(task.run.runAfter),
});

const listEntries = (call: V2Call): Answer => {
  const entries = entriesOf(call);
  const page = pageOf(call.request.query, call.deployment.settings.maximumPageLimit);
  return json(200, { xcom_entries: slice(entries, page).map(render), total_entries: entries.length });
};

const getEntry = (call: V2Call): Answer => {
  const key = param(call, "xcom_key");
  const mapIndex = call.request.query.get("map_index") ?? "-1";
  const entry = entriesOf(call).find((task) => String(task.mapIndex) === mapIndex);
  if (entry === undefined || key !== "return_value") return refuse(404, `XCom entry with key: \`${key}\` not found`);
  const value = entry.task.spec.returns;
  return json(200, {
    ...render(entry),
    value: flag(call.request.query, "stringify") === true ? pythonRepr(value) : value,
  });
};

const BASE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries";

export const xcomRoutes: readonly V2Route[] = [
  { method: "GET", path: BASE, handle: listEntries },
  { method: "GET", path: `${BASE}/{xcom_key:path}`, handle: getEntry },
];

import type { RouteOutput, ROUTES } from "@airfleet/contract";
import { type FleetInstance, runPage, taskPage } from "@airfleet/control";
import type { LogLine, Run, TaskInstance } from "@airfleet/model";
import { toInstant } from "./instants.ts";

const secondsBetween = (start: string | null, end: string | null): number | null =>
  start === null || end === null ? null : Math.max(0, (Date.parse(end) - Date.parse(start)) / 1_000);

/** `readAt`: epoch milliseconds. */
export const toRunView = (instance: FleetInstance, run: Run, readAt: number): RouteOutput<typeof ROUTES.getRun> => ({
  instance: instance.id,
  dag_id: run.dagId,
  dag_run_id: run.runId,
  state: run.state,
  engine_state: run.engineState,
  run_type: run.type,
  logical_date: run.logicalDate,
  data_interval_start: run.intervalStart,
  data_interval_end: run.intervalEnd,
  run_after: run.runAfter,
  queued_at: run.queuedAt,
  started_at: run.startedAt,
  ended_at: run.endedAt,
  duration_seconds: secondsBetween(run.startedAt, run.endedAt),
  conf: { ...run.conf },
  note: run.note,
  triggered_by: run.triggeredBy,
  ui_url: runPage(instance, run),
  observed_at: toInstant(readAt),
});

export const toTaskInstanceView = (
  instance: FleetInstance,
  task: TaskInstance,
): RouteOutput<typeof ROUTES.listTasks>["items"][number] => ({
  task_id: task.taskId,
  map_index: task.mapIndex,
  display_name: task.displayName,
  state: task.state,
  engine_state: task.engineState,
  try_number: task.tryNumber,
  max_tries: task.maxTries,
  operator: task.operator,
  pool: task.pool,
  queue: task.queue,
  hostname: task.hostname,
  pid: task.pid,
  queued_at: task.queuedAt,
  started_at: task.startedAt,
  ended_at: task.endedAt,
  duration_seconds: task.durationSeconds,
  note: task.note,
  ui_url: taskPage(instance, task, task.tryNumber),
});

export const toLogLineView = (line: LogLine): RouteOutput<typeof ROUTES.readLog> => ({
  at: line.at,
  level: line.level,
  source: line.source,
  text: line.text,
});

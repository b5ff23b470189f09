import { SECOND } from "../clock/instant.ts";
import type { TaskRecord, TryRecord } from "../world/task-record.ts";
import { dateOrNull } from "./render-run.ts";

/** Seconds between start and end; null while one is missing. */
export const durationOf = ({ startAt, endAt }: TryRecord): number | null =>
  startAt === null || endAt === null ? null : (endAt - startAt) / SECOND;

/** What a task's template fields became; empty until its first try. */
export const renderedFieldsOf = (task: TaskRecord): object =>
  task.tryNumber === 0
    ? {}
    : (task.task.spec.renderedFields ?? { bash_command: `echo ${task.task.taskId}`, cwd: null, env: null });

/** One try, as the `tries` operations show it. */
export const renderTry = (task: TaskRecord, attempt: TryRecord): object => ({
  dag_id: task.run.dag.dagId,
  dag_run_id: task.run.runId,
  duration: durationOf(attempt),
  end_date: dateOrNull(attempt.endAt),
  executor: null,
  executor_config: "{}",
  hostname: attempt.hostname,
  map_index: task.mapIndex,
  max_tries: attempt.maxTries,
  operator: task.task.spec.operator ?? "BashOperator",
  pid: attempt.pid,
  pool: task.task.spec.pool ?? "default_pool",
  pool_slots: task.task.spec.poolSlots ?? 1,
  priority_weight: task.task.priorityWeight,
  queue: "default",
  queued_when: dateOrNull(attempt.queuedAt),
  start_date: dateOrNull(attempt.startAt),
  state: attempt.state,
  task_display_name: task.task.taskId,
  task_id: task.task.taskId,
  try_number: attempt.tryNumber,
  unixname: "root",
});

/** A task instance as the other operations show it. */
export const renderTask = (task: TaskRecord): object => ({
  ...renderTry(task, task),
  execution_date: dateOrNull(task.run.logicalAt),
  note: task.note,
  rendered_fields: renderedFieldsOf(task),
  rendered_map_index: null,
  sla_miss: null,
  trigger: null,
  triggerer_job: null,
});

/** All that Airflow 2 says about a cleared task instance. */
export const renderReference = (task: TaskRecord): object => ({
  dag_id: task.run.dag.dagId,
  dag_run_id: task.run.runId,
  execution_date: dateOrNull(task.run.logicalAt),
  task_id: task.task.taskId,
});

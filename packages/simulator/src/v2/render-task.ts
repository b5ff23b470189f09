import { SECOND, toZuluDate } from "../clock/instant.ts";
import type { TaskRecord, TryRecord } from "../world/task-record.ts";
import { tryIdOf } from "../world/tasks-of-run.ts";
import { renderVersion } from "./render-dag.ts";
import { dateOrNull } from "./render-run.ts";

/** Seconds between start and end; null while one is missing. */
export const taskDurationOf = ({ startAt, endAt }: TryRecord): number | null =>
  startAt === null || endAt === null ? null : (endAt - startAt) / SECOND;

const renderedFieldsOf = (task: TaskRecord): object =>
  task.tryNumber === 0
    ? {}
    : (task.task.spec.renderedFields ?? { bash_command: `echo ${task.task.taskId}`, env: null, cwd: null });

const versionOf = ({ run }: TaskRecord): object | null =>
  run.version === undefined ? null : renderVersion(run.dag, run.version);

const place = (task: TaskRecord, attempt: TryRecord): object => ({
  task_display_name: task.task.taskId,
  dag_display_name: task.run.dag.parsed.displayName ?? task.run.dag.dagId,
  hostname: attempt.hostname,
  unixname: "root",
  pool: task.task.spec.pool ?? "default_pool",
  pool_slots: task.task.spec.poolSlots ?? 1,
  queue: "default",
  priority_weight: task.task.priorityWeight,
  operator: task.task.spec.operator ?? "BashOperator",
  operator_name: task.task.spec.operator ?? "BashOperator",
  queued_when: dateOrNull(attempt.queuedAt),
  scheduled_when: dateOrNull(attempt.scheduledAt),
  pid: attempt.pid,
  executor: null,
  executor_config: "{}",
});

const course = (attempt: TryRecord): object => ({
  start_date: dateOrNull(attempt.startAt),
  end_date: dateOrNull(attempt.endAt),
  duration: taskDurationOf(attempt),
  state: attempt.state,
  try_number: attempt.tryNumber,
  max_tries: attempt.maxTries,
});

const address = (task: TaskRecord): object => ({
  task_id: task.task.taskId,
  dag_id: task.run.dag.dagId,
  dag_run_id: task.run.runId,
  map_index: task.mapIndex,
});

/** One try, as the `tries` operations show it. */
export const renderTry = (task: TaskRecord, attempt: TryRecord): object => ({
  ...address(task),
  ...course(attempt),
  ...place(task, attempt),
  dag_version: versionOf(task),
});

/** A task instance as the other operations show it. */
export const renderTask = (task: TaskRecord): object => ({
  id: tryIdOf(task, task),
  ...address(task),
  logical_date: dateOrNull(task.run.logicalAt),
  run_after: toZuluDate(task.run.runAfter),
  ...course(task),
  ...place(task, task),
  note: task.note,
  rendered_map_index: task.mapIndex >= 0 ? String(task.mapIndex) : null,
  rendered_fields: renderedFieldsOf(task),
  trigger: null,
  triggerer_job: null,
  dag_version: versionOf(task),
});

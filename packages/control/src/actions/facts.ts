import type { ConfigEntry, Dag, Run, TaskInstance, TaskState } from "@airfleet/model";

/** A reading as the action and its audit row keep it: the API's names, values that JSON can carry. */
export type Facts = Readonly<Record<string, unknown>>;

export const toDagFacts = (dag: Dag): Facts => ({
  dag_id: dag.dagId,
  is_paused: dag.isPaused,
  is_stale: dag.isStale,
  has_import_errors: dag.hasImportErrors,
});

export const toRunFacts = (run: Run): Facts => ({
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
  conf: run.conf,
  note: run.note,
});

export const toTaskFacts = (task: TaskInstance): Facts => ({
  task_id: task.taskId,
  map_index: task.mapIndex,
  state: task.state,
  try_number: task.tryNumber,
});

/** Kind and name stand in the request already. */
export const toConfigFacts = (entry: ConfigEntry): Facts => ({
  description: entry.description,
  value_hash: entry.valueHash,
  ...entry.facts,
});

/** How many tasks stand in which state. */
export const countStates = (tasks: readonly TaskInstance[]): Readonly<Partial<Record<TaskState, number>>> => {
  const counts: Partial<Record<TaskState, number>> = {};
  for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
};

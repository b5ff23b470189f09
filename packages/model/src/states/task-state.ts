/** Airflow's own task states; `none` is its null. Used for Dagster's steps as well. */
export const TASK_STATES = [
  "none",
  "scheduled",
  "queued",
  "running",
  "success",
  "failed",
  "up_for_retry",
  "up_for_reschedule",
  "upstream_failed",
  "skipped",
  "deferred",
  "removed",
  "restarting",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

const terminal: ReadonlySet<TaskState> = new Set(["success", "failed", "upstream_failed", "skipped", "removed"]);
const known: ReadonlySet<string> = new Set(TASK_STATES);

/** Whether the engine will do no more for this try unless the task is cleared. */
export const isTerminalTaskState = (state: TaskState): boolean => terminal.has(state);

/** Airflow's word in our list; null is `none`, and a word of a newer release (`awaiting_input` in 3.3) counts as running. */
export const fromAirflowTaskState = (engineState: string | null): TaskState => {
  if (engineState === null) return "none";
  return known.has(engineState) ? (engineState as TaskState) : "running";
};

/** States that a person may set on a task instance, the same in both generations of Airflow. */
export const SETTABLE_TASK_STATES = ["success", "failed", "skipped"] as const;
export type SettableTaskState = (typeof SETTABLE_TASK_STATES)[number];

/** States that a person may set on a run. */
export const SETTABLE_RUN_STATES = ["queued", "success", "failed"] as const;
export type SettableRunState = (typeof SETTABLE_RUN_STATES)[number];

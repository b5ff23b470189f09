import type { RunState, TaskState } from "@airfleet/model";

/** States that a task comes to by running, or by having run: its run has started, and says itself how it ended. */
const RAN: ReadonlySet<TaskState> = new Set([
  "running",
  "success",
  "failed",
  "up_for_retry",
  "up_for_reschedule",
  "deferred",
  "restarting",
]);

/** What a task's state says of its run; null when it says nothing. */
export const runStateBehind = (task: TaskState | undefined): RunState | null =>
  task !== undefined && RAN.has(task) ? "running" : null;

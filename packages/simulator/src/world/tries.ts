import type { TaskRecord, TryRecord } from "./task-record.ts";

/** Every try of a task instance, oldest first. While it waits for a retry the current one is in the history already. */
export const triesOf = (task: TaskRecord): readonly TryRecord[] =>
  task.state === "up_for_retry" ? task.history : [...task.history, task];

import { isTerminalTaskState, TASK_STATES, type TaskInstance, type TaskState } from "@airfleet/model";
import { z } from "zod";
import type { Facts } from "./facts.ts";

/** How one task stood right before a clear was sent. */
export interface TaskMark {
  readonly taskId: string;
  readonly mapIndex: number;
  readonly tryNumber: number;
  readonly state: TaskState;
}

export const toTaskMark = (task: TaskInstance): TaskMark => ({
  taskId: task.taskId,
  mapIndex: task.mapIndex,
  tryNumber: task.tryNumber,
  state: task.state,
});

const keyOf = (task: Pick<TaskMark, "taskId" | "mapIndex">): string => JSON.stringify([task.taskId, task.mapIndex]);

/** Whether a task that had ended is under way again, or has been since: only a clear does that. */
const wasCleared = (before: TaskMark, now: TaskMark): boolean => {
  if (!isTerminalTaskState(before.state)) return false;
  return now.tryNumber > before.tryNumber || !isTerminalTaskState(now.state);
};

/**
 * Tells from the tasks' tries and states whether a clear whose answer was lost has happened: the tasks that it moved.
 * An empty list does not prove that it has not: a task that was skipped before may have been skipped again.
 *
 * @param taskIds The tasks that were to be cleared; all when undefined.
 */
export const findClearedTasks = (
  before: readonly TaskMark[],
  now: readonly TaskMark[],
  taskIds: readonly string[] | undefined,
): readonly TaskMark[] => {
  const earlier = new Map(before.map((mark) => [keyOf(mark), mark]));
  return now.filter((mark) => {
    if (taskIds !== undefined && !taskIds.includes(mark.taskId)) return false;
    const mine = earlier.get(keyOf(mark));
    return mine !== undefined && wasCleared(mine, mark);
  });
};

/** A mark as it is kept with the action. */
export const toMarkFacts = (mark: TaskMark): Facts => ({
  task_id: mark.taskId,
  map_index: mark.mapIndex,
  state: mark.state,
  try_number: mark.tryNumber,
});

const KeptMarks = z.object({
  tasks: z.array(
    z.object({
      task_id: z.string(),
      map_index: z.number().int(),
      state: z.enum(TASK_STATES),
      try_number: z.number().int(),
    }),
  ),
});

/** The marks that `toMarkFacts` made. */
export const readTaskMarks = (facts: Facts): readonly TaskMark[] =>
  KeptMarks.parse(facts).tasks.map((task) => ({
    taskId: task.task_id,
    mapIndex: task.map_index,
    state: task.state,
    tryNumber: task.try_number,
  }));

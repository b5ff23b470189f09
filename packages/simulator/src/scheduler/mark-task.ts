import { isOpen } from "../world/run-record.ts";
import { isFailure, type TaskRecord } from "../world/task-record.ts";
import { ownTasksOf } from "../world/tasks-of-run.ts";
import { openRun, uniqueNow, type World } from "../world/world.ts";
import { clearTask } from "./clear-tasks.ts";
import { forceTask, requeueRun } from "./mark-run.ts";
import type { Scheduler } from "./scheduler.ts";

const downstreamOf = (tasks: readonly TaskRecord[], taskId: string): TaskRecord[] => {
  const byId = Map.groupBy(tasks, (task) => task.task.taskId);
  const found = new Set<TaskRecord>();
  const open = [...(byId.get(taskId)?.[0]?.task.downstream ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const task of byId.get(next) ?? []) {
      if (found.has(task)) continue;
      found.add(task);
      open.push(...task.task.downstream);
    }
  }
  return [...found];
};

/**
 * What PATCH of a task instance's state does: it takes the state, tasks behind it that failed or were kept from running
 * are cleared, and a finished run is opened again for them. With nothing to clear the run stays as it is.
 */
export const markTasks = (
  world: World,
  scheduler: Scheduler,
  chosen: readonly TaskRecord[],
  state: "success" | "failed" | "skipped",
): void => {
  const [first] = chosen;
  if (first === undefined) return;
  const { run } = first;
  const own = ownTasksOf(world, run);
  const wasOpen = isOpen(run);
  let isAnythingCleared = false;
  for (const wanted of chosen) {
    const task = own.find((mine) => mine.task.taskId === wanted.task.taskId && mine.mapIndex === wanted.mapIndex);
    if (task === undefined || task.state === state) continue;
    forceTask(world, scheduler, task, state);
    for (const behind of downstreamOf(own, task.task.taskId)) {
      if (!isFailure(behind)) continue;
      clearTask(world, scheduler, behind);
      isAnythingCleared = true;
    }
  }
  if (wasOpen) scheduler.poke(run);
  else if (!isAnythingCleared) return;
  else if (world.generation === 3) requeueRun(world, scheduler, run);
  else {
    run.state = "running";
    run.endAt = null;
    run.updatedAt = uniqueNow(world);
    openRun(world, run);
    scheduler.poke(run);
  }
};

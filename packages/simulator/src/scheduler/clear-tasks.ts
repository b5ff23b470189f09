import type { RunRecord } from "../world/run-record.ts";
import { isOpen } from "../world/run-record.ts";
import { isFailure, snapshotTry, type TaskRecord } from "../world/task-record.ts";
import { ownTasksOf, tasksOf } from "../world/tasks-of-run.ts";
import { uniqueNow, type World } from "../world/world.ts";
import { killProcess, requeueRun } from "./mark-run.ts";
import type { Scheduler } from "./scheduler.ts";

/** Which task instances of a run a clear is about. */
export interface ClearSelection {
  /** Task ids, or id and map index; all when absent. */
  readonly tasks?: readonly (string | readonly [string, number])[];
  readonly onlyFailed: boolean;
  readonly onlyRunning?: boolean;
  readonly includeUpstream?: boolean;
  readonly includeDownstream?: boolean;
}

const collect = (
  tasks: readonly TaskRecord[],
  ids: ReadonlySet<string>,
  direction: "upstream" | "downstream",
): Set<string> => {
  const byId = new Map(tasks.map((task) => [task.task.taskId, task.task]));
  const found = new Set<string>();
  const open = [...ids];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const neighbour of byId.get(next)?.[direction] ?? []) {
      if (found.has(neighbour)) continue;
      found.add(neighbour);
      open.push(neighbour);
    }
  }
  return found;
};

const isNamed = (task: TaskRecord, names: NonNullable<ClearSelection["tasks"]>): boolean =>
  names.some((name) =>
    typeof name === "string" ? name === task.task.taskId : name[0] === task.task.taskId && name[1] === task.mapIndex,
  );

/** The task instances that a clear with this selection would touch. */
export const selectTasks = (world: World, run: RunRecord, selection: ClearSelection): readonly TaskRecord[] => {
  const all = tasksOf(world, run);
  const { tasks: names } = selection;
  const named = names === undefined ? all : all.filter((task) => isNamed(task, names));
  const ids = new Set(named.map((task) => task.task.taskId));
  const more = new Set([
    ...(selection.includeUpstream === true ? collect(all, ids, "upstream") : []),
    ...(selection.includeDownstream === true ? collect(all, ids, "downstream") : []),
  ]);
  return all.filter(
    (task) =>
      (named.includes(task) || more.has(task.task.taskId)) &&
      (!selection.onlyFailed || isFailure(task)) &&
      (selection.onlyRunning !== true || task.state === "running"),
  );
};

/** Forgets the outcome of one task instance: its try goes to the history, and the dates stay until the next try starts. */
export const clearTask = (world: World, scheduler: Scheduler, task: TaskRecord): void => {
  const wasRunning = task.state === "running";
  const at = uniqueNow(world);
  if (task.tryNumber > 0 && task.state !== null && task.state !== "up_for_retry") {
    if (wasRunning) task.endAt = at;
    task.history.push({ ...snapshotTry(task), ...(wasRunning ? { state: "failed" as const, forcedAt: at } : {}) });
  }
  task.epoch += 1;
  task.maxTries = task.tryNumber === 0 ? task.maxTries : task.tryNumber + (task.task.spec.retries ?? 0);
  task.bornAt = at;
  task.updatedAt = at;
  if (!wasRunning) {
    task.state = null;
    return;
  }
  task.state = "restarting";
  task.restartPending = true;
  const { epoch } = task;
  killProcess(world, scheduler, task, "failed");
  scheduler.later(world.generation === 2 ? 5.6 : 1.9, () => {
    if (task.epoch !== epoch || !task.restartPending) return;
    task.restartPending = false;
    task.state = null;
    scheduler.poke(task.run);
  });
};

/** Clears these task instances of one run; a finished run is queued again if asked, else they stay without status for ever. */
export const clearTasks = (
  world: World,
  scheduler: Scheduler,
  run: RunRecord,
  chosen: readonly TaskRecord[],
  resetRun: boolean,
): void => {
  const keys = new Set(chosen.map((task) => `${task.task.taskId}/${task.mapIndex}`));
  const own = ownTasksOf(world, run).filter((task) => keys.has(`${task.task.taskId}/${task.mapIndex}`));
  if (own.length === 0) return;
  for (const task of own) clearTask(world, scheduler, task);
  if (resetRun) requeueRun(world, scheduler, run);
  else if (isOpen(run)) scheduler.poke(run);
};

import { recordEvent } from "../world/audit.ts";
import { chanceOf } from "../world/chance.ts";
import { snapshotTry, type TaskRecord, type TaskState } from "../world/task-record.ts";
import { placeOf } from "../world/tasks-of-run.ts";
import { uniqueNow, type World } from "../world/world.ts";
import { updateAssets } from "./asset-updates.ts";
import type { Scheduler } from "./scheduler.ts";

const isWaiting = (task: TaskRecord): boolean => task.state === "scheduled";

const tell = (world: World, task: TaskRecord, event: string): void =>
  recordEvent(world, {
    event,
    owner: task.run.dag.serialized.owners?.[0] ?? "airflow",
    dagId: task.run.dag.dagId,
    taskId: task.task.taskId,
    runId: task.run.runId,
    mapIndex: task.mapIndex,
    tryNumber: task.tryNumber,
  });

const failsNow = (world: World, task: TaskRecord): boolean => {
  const { spec } = task.task;
  const { run, tryNumber, mapIndex } = task;
  if (spec.fails !== undefined) return spec.fails({ conf: run.conf, tryNumber, mapIndex, runId: run.runId });
  if (tryNumber <= (spec.failTries ?? 0)) return true;
  return (
    chanceOf(world.seed, "try", run.dag.dagId, run.runId, task.task.taskId, mapIndex, tryNumber) < (spec.failRate ?? 0)
  );
};

/** A slot is free again: runs with tasks that wait for one may go on. */
const offerSlot = (world: World, scheduler: Scheduler, freed: TaskRecord): void => {
  scheduler.poke(freed.run);
  for (const run of world.open) if (run.tasks?.some(isWaiting) === true) scheduler.poke(run);
};

/** Ends a try that was not stopped from outside. */
const endTry = (world: World, scheduler: Scheduler, task: TaskRecord): void => {
  const at = uniqueNow(world);
  const failed = failsNow(world, task);
  const retries = failed && task.tryNumber <= task.maxTries;
  const state: TaskState = retries
    ? "up_for_retry"
    : failed
      ? "failed"
      : task.task.spec.skips === true
        ? "skipped"
        : "success";
  task.endAt = at;
  task.updatedAt = at;
  if (retries) {
    task.state = "failed";
    task.history.push(snapshotTry(task));
  }
  task.state = state;
  tell(world, task, state);
  if (state === "success") updateAssets(world, scheduler, task);
  if (retries) {
    const { epoch } = task;
    scheduler.later(task.task.spec.retryDelaySeconds ?? 300, () => {
      if (task.epoch !== epoch || task.state !== "up_for_retry") return;
      task.state = null;
      task.bornAt = world.clock.now();
      scheduler.poke(task.run);
    });
  }
  offerSlot(world, scheduler, task);
};

/** Starts the next try of a task: from now on it has a process, and ends by itself after its duration. */
export const beginTry = (world: World, scheduler: Scheduler, task: TaskRecord): void => {
  const at = uniqueNow(world);
  task.tryNumber += 1;
  task.state = "running";
  task.startAt = at;
  task.endAt = null;
  task.forcedAt = null;
  task.killedAt = null;
  task.updatedAt = at;
  Object.assign(task, placeOf(task.run, task.task.taskId, task.mapIndex, task.tryNumber));
  tell(world, task, "running");
  const { epoch } = task;
  scheduler.later(task.task.spec.durationSeconds ?? 1, () => {
    if (task.epoch === epoch && task.state === "running") endTry(world, scheduler, task);
  });
};

import { isOpen, type RunRecord } from "../world/run-record.ts";
import { isFinished, type TaskRecord, type TaskState } from "../world/task-record.ts";
import { ownTasksOf } from "../world/tasks-of-run.ts";
import { openRun, uniqueNow, type World } from "../world/world.ts";
import { closeRun } from "./advance-run.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * Seconds from a forced state to the end of the process, measured: Airflow 2 looks at every second heartbeat of 5 s and
 * grants a task marked successful 20 s more; Airflow 3 learns it with its next heartbeat.
 */
const KILL_SECONDS = { 2: { failed: 5.6, success: 26 }, 3: { failed: 1.9, success: 2.8 } } as const;

const STARTED: ReadonlySet<TaskState | null> = new Set(["running", "deferred", "up_for_reschedule"]);

/** Ends a running process from outside, some seconds from now. */
export const killProcess = (
  world: World,
  scheduler: Scheduler,
  task: TaskRecord,
  outcome: "failed" | "success",
): void => {
  const { run, epoch, tryNumber } = task;
  task.forcedAt = world.clock.now();
  scheduler.later(KILL_SECONDS[world.generation][outcome], () => {
    // The process dies also when its task was cleared meanwhile; its try is in the history then.
    const kept = task.history.find((old) => old.tryNumber === tryNumber);
    if (kept !== undefined) kept.killedAt = world.clock.now();
    if (task.epoch !== epoch) return;
    task.killedAt = world.clock.now();
    // Airflow 2 writes the end of the run again when the process is gone.
    if (world.generation === 2 && run.endAt !== null) {
      run.endAt = uniqueNow(world);
      run.updatedAt = run.endAt;
    }
  });
};

/** Gives a task instance a state from outside; a process it had goes on for some seconds. */
export const forceTask = (
  world: World,
  scheduler: Scheduler,
  task: TaskRecord,
  state: "success" | "failed" | "skipped",
): void => {
  const at = uniqueNow(world);
  const wasRunning = task.state === "running";
  task.epoch += 1;
  task.restartPending = false;
  task.state = state;
  task.startAt ??= at;
  task.endAt = at;
  task.updatedAt = at;
  if (wasRunning) killProcess(world, scheduler, task, state === "success" ? "success" : "failed");
};

const closeIfOpen = (world: World, scheduler: Scheduler, run: RunRecord, state: "success" | "failed"): void => {
  const wasOpen = isOpen(run);
  run.state = state;
  run.startAt ??= uniqueNow(world);
  run.endAt = uniqueNow(world);
  run.lastDecisionAt = run.endAt;
  run.updatedAt = run.endAt;
  if (wasOpen) closeRun(world, scheduler, run);
};

/** Marks a run failed: what runs fails, what did not start is skipped, and nothing is tried again. */
const failRun = (world: World, scheduler: Scheduler, run: RunRecord): void => {
  for (const task of ownTasksOf(world, run)) {
    if (isFinished(task)) continue;
    forceTask(world, scheduler, task, STARTED.has(task.state) ? "failed" : "skipped");
  }
  closeIfOpen(world, scheduler, run, "failed");
};

/** Marks a run successful. Airflow 3 skips what did not start, Airflow 2 calls everything a success. */
const succeedRun = (world: World, scheduler: Scheduler, run: RunRecord): void => {
  for (const task of ownTasksOf(world, run)) {
    if (task.state === "success") continue;
    if (world.generation === 2) forceTask(world, scheduler, task, "success");
    else if (!isFinished(task)) forceTask(world, scheduler, task, STARTED.has(task.state) ? "success" : "skipped");
  }
  closeIfOpen(world, scheduler, run, "success");
};

/** Puts a run back into the queue as it stands; its finished tasks stay finished. */
export const requeueRun = (world: World, scheduler: Scheduler, run: RunRecord): void => {
  const at = uniqueNow(world);
  run.state = "queued";
  run.queuedAt = at;
  run.startAt = null;
  run.endAt = null;
  run.lastDecisionAt = null;
  run.updatedAt = at;
  openRun(world, run);
  scheduler.poke(run);
};

/** What PATCH of a run's state does, at once and later. */
export const markRun = (
  world: World,
  scheduler: Scheduler,
  run: RunRecord,
  state: "queued" | "success" | "failed",
): void => {
  switch (state) {
    case "failed":
      return failRun(world, scheduler, run);
    case "success":
      return succeedRun(world, scheduler, run);
    case "queued":
      return requeueRun(world, scheduler, run);
    default:
      return state satisfies never;
  }
};

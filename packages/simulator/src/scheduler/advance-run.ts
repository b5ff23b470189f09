import { graphOf } from "../specs/dag-graph.ts";
import { isOpen, type RunRecord } from "../world/run-record.ts";
import { isFailure, isFinished, type TaskRecord } from "../world/task-record.ts";
import { ownTasksOf } from "../world/tasks-of-run.ts";
import { removeRun, shutRun, uniqueNow, type World } from "../world/world.ts";
import { continueSchedule } from "./run-schedule.ts";
import type { Scheduler } from "./scheduler.ts";
import { readinessOf } from "./trigger-rules.ts";

const endAtOnce = (world: World, task: TaskRecord, state: "skipped" | "upstream_failed"): void => {
  const at = uniqueNow(world);
  task.state = state;
  task.startAt = at;
  task.endAt = at;
  task.updatedAt = at;
};

const decideTasks = (world: World, tasks: readonly TaskRecord[]): void => {
  const byTask = Map.groupBy(tasks, (task) => task.task.taskId);
  for (const task of tasks) {
    if (task.state !== null || task.restartPending) continue;
    const upstream = task.task.upstream.flatMap((id) => byTask.get(id) ?? []);
    const readiness = readinessOf(task.task.spec.triggerRule ?? "all_success", upstream);
    if (readiness === "upstream_failed") endAtOnce(world, task, "upstream_failed");
    else if (readiness === "skip") endAtOnce(world, task, "skipped");
    else if (readiness === "run") {
      task.state = "scheduled";
      task.scheduledAt = uniqueNow(world);
      task.updatedAt = task.scheduledAt;
    }
  }
};

const dropOldRuns = (world: World, run: RunRecord): void => {
  const { runs } = run.dag;
  if (runs.size <= world.keepRunsPerDag) return;
  for (const old of runs.values()) {
    if (runs.size <= world.keepRunsPerDag) return;
    if (!isOpen(old)) removeRun(world, old);
  }
};

const completeBackfill = (world: World, run: RunRecord): void => {
  const backfill = world.backfills.find((candidate) => candidate.id === run.backfillId);
  if (backfill === undefined || backfill.completedAt !== null) return;
  const isLeft = [...run.dag.open].some((other) => other.backfillId === backfill.id);
  if (!isLeft) backfill.completedAt = uniqueNow(world);
};

/** Takes a run out of the open ones and lets those that waited for it go on. */
export const closeRun = (world: World, scheduler: Scheduler, run: RunRecord): void => {
  shutRun(world, run);
  for (const waiting of run.dag.open) if (waiting.state === "queued") scheduler.poke(waiting);
  completeBackfill(world, run);
  dropOldRuns(world, run);
  continueSchedule(world, scheduler, run.dag);
};

const finishRun = (world: World, scheduler: Scheduler, run: RunRecord, tasks: readonly TaskRecord[]): void => {
  const { leaves } = graphOf(run.dag.serialized);
  const at = uniqueNow(world);
  run.state = tasks.some((task) => leaves.has(task.task.taskId) && isFailure(task)) ? "failed" : "success";
  run.endAt = at;
  run.lastDecisionAt = at;
  run.updatedAt = at;
  closeRun(world, scheduler, run);
};

/** One look of the scheduler at a running run: decides which tasks may start, and whether the run is over. */
export const advanceRun = (world: World, scheduler: Scheduler, run: RunRecord): void => {
  // The scheduler does not look at runs of paused DAGs: what runs goes on, nothing new starts.
  if (run.dag.paused || run.state !== "running") return;
  const tasks = ownTasksOf(world, run);
  run.lastDecisionAt = world.clock.now();
  run.updatedAt = Math.max(run.updatedAt, world.clock.now());
  decideTasks(world, tasks);
  if (tasks.every(isFinished)) finishRun(world, scheduler, run, tasks);
};

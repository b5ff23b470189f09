import type { RunRecord } from "../world/run-record.ts";
import { createTasks } from "../world/tasks-of-run.ts";
import { uniqueNow, type World } from "../world/world.ts";
import type { Scheduler } from "./scheduler.ts";

const runningOf = (run: RunRecord, counts: (other: RunRecord) => boolean): number => {
  let running = 0;
  for (const other of run.dag.open) if (other.state === "running" && counts(other)) running++;
  return running;
};

const isBackfillBlocked = (world: World, run: RunRecord): boolean => {
  const backfill = world.backfills.find((candidate) => candidate.id === run.backfillId);
  if (backfill === undefined) return false;
  return backfill.paused || runningOf(run, (other) => other.backfillId === backfill.id) >= backfill.maxActiveRuns;
};

/** Lets a queued run start if its DAG is unpaused and seen, its time has come, and the DAG's limit leaves room. */
export const admitRun = (world: World, scheduler: Scheduler, run: RunRecord): void => {
  const { dag } = run;
  const now = world.clock.now();
  if (dag.paused || !dag.active || run.state !== "queued") return;
  if (run.runAfter > now && run.triggeredBy === "rest_api") {
    world.clock.at(run.runAfter, () => scheduler.poke(run));
    return;
  }
  const isBackfill = run.backfillId !== null;
  const limit = dag.serialized.maxActiveRuns ?? 16;
  if (isBackfill ? isBackfillBlocked(world, run) : runningOf(run, (other) => other.backfillId === null) >= limit)
    return;
  const at = uniqueNow(world);
  run.state = "running";
  run.startAt = at;
  run.endAt = null;
  run.lastDecisionAt = at;
  run.updatedAt = at;
  run.tasks ??= createTasks(run, at);
};

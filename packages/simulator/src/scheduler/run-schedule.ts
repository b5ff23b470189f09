import { toOffsetDate } from "../clock/instant.ts";
import type { DagRecord } from "../world/dag-record.ts";
import { uniqueNow, type World } from "../world/world.ts";
import { createRun } from "./create-run.ts";
import type { Scheduler } from "./scheduler.ts";
import { nextRunOf } from "./timetable.ts";

const startDueRun = (world: World, scheduler: Scheduler, dag: DagRecord): boolean => {
  const next = dag.nextRun;
  if (next === null || next.runAfter > world.clock.now()) return false;
  if (dag.open.size >= (dag.serialized.maxActiveRuns ?? 16)) return false;
  dag.lastAutomated = next;
  const runId = `scheduled__${toOffsetDate(world.generation === 2 ? next.logicalAt : next.runAfter)}`;
  const isTaken = dag.runs.has(runId) || [...dag.runs.values()].some((run) => run.logicalAt === next.logicalAt);
  // A run that somebody made for this date stands in for the scheduled one.
  if (!isTaken) {
    const run = createRun(world, {
      dag,
      runId,
      runType: "scheduled",
      logicalAt: next.logicalAt,
      intervalStart: next.intervalStart,
      intervalEnd: next.intervalEnd,
      runAfter: next.runAfter,
      at: uniqueNow(world),
      triggeredBy: "timetable",
    });
    scheduler.poke(run);
  }
  dag.nextRun = nextRunOf(world.generation, dag.serialized, dag.lastAutomated, world.clock.now());
  return true;
};

/**
 * Starts what a DAG's schedule owes and sets the timer for the next time. To be called whenever something changed that
 * the schedule depends on: pause flag, file, a finished run.
 */
export const continueSchedule = (world: World, scheduler: Scheduler, dag: DagRecord): void => {
  dag.timer?.cancel();
  dag.timer = undefined;
  if (dag.nextRun === null || dag.paused || !dag.active || dag.hasImportErrors) return;
  if (dag.serialized.catchup !== true && dag.nextRun.runAfter <= world.clock.now()) {
    dag.nextRun = nextRunOf(world.generation, dag.serialized, dag.lastAutomated, world.clock.now());
  }
  while (startDueRun(world, scheduler, dag));
  const next = dag.nextRun;
  if (next === null || next.runAfter <= world.clock.now()) return;
  dag.timer = world.clock.at(next.runAfter, () => continueSchedule(world, scheduler, dag));
};

import type { RunRecord } from "../world/run-record.ts";
import { isOccupying, type TaskRecord } from "../world/task-record.ts";
import { ownTasksOf, tasksOf } from "../world/tasks-of-run.ts";
import { uniqueNow, type World } from "../world/world.ts";
import { beginTry } from "./run-try.ts";
import type { Scheduler } from "./scheduler.ts";

/** Seconds from the queue to a running process, before the time scale. */
const STARTUP_SECONDS = 0.4;
/** Task instances that one deployment runs at a time; Airflow's `parallelism`. */
const PARALLELISM = 512;

interface Occupancy {
  total: number;
  readonly pools: Map<string, number>;
  readonly dags: Map<string, number>;
}

const bump = (counts: Map<string, number>, key: string, by: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + by);
};

const poolOf = (task: TaskRecord): string => task.task.spec.pool ?? "default_pool";
const slotsOf = (task: TaskRecord): number => task.task.spec.poolSlots ?? 1;

const occupy = (occupancy: Occupancy, task: TaskRecord): void => {
  occupancy.total++;
  bump(occupancy.pools, poolOf(task), slotsOf(task));
  bump(occupancy.dags, task.run.dag.dagId, 1);
};

const measure = (world: World): Occupancy => {
  const occupancy: Occupancy = { total: 0, pools: new Map(), dags: new Map() };
  for (const run of world.open) {
    if (run.state !== "running") continue;
    for (const task of tasksOf(world, run)) if (isOccupying(task)) occupy(occupancy, task);
  }
  return occupancy;
};

const hasRoom = (world: World, occupancy: Occupancy, task: TaskRecord): boolean => {
  const pool = world.pools.get(poolOf(task));
  // A task whose pool was deleted stays scheduled, as in Airflow.
  if (pool === undefined || occupancy.total >= PARALLELISM) return false;
  const { dag } = task.run;
  if ((occupancy.dags.get(dag.dagId) ?? 0) >= (dag.serialized.maxActiveTasks ?? 16)) return false;
  return pool.slots < 0 || (occupancy.pools.get(pool.name) ?? 0) + slotsOf(task) <= pool.slots;
};

/** Moves scheduled tasks into the executor's queue, those with more work behind them first, while there are slots. */
export const startQueuedTasks = (world: World, scheduler: Scheduler, runs: readonly RunRecord[]): void => {
  const waiting = runs
    .filter((run) => run.state === "running" && !run.dag.paused)
    .flatMap((run) => ownTasksOf(world, run).filter((task) => task.state === "scheduled"));
  if (waiting.length === 0) return;
  const occupancy = measure(world);
  waiting.sort((a, b) => b.task.priorityWeight - a.task.priorityWeight || a.run.seq - b.run.seq);
  for (const task of waiting) {
    if (!hasRoom(world, occupancy, task)) continue;
    occupy(occupancy, task);
    task.state = "queued";
    task.queuedAt = uniqueNow(world);
    task.updatedAt = task.queuedAt;
    const { epoch } = task;
    scheduler.later(STARTUP_SECONDS, () => {
      if (task.epoch === epoch && task.state === "queued") beginTry(world, scheduler, task);
    });
  }
};

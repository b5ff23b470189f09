import type { Timer } from "../clock/clock.ts";
import type { RunRecord } from "../world/run-record.ts";
import { scaled, type World } from "../world/world.ts";
import { admitRun } from "./admit-run.ts";
import { advanceRun } from "./advance-run.ts";
import { startQueuedTasks } from "./start-tasks.ts";

/** Seconds between a change and the scheduler's reaction, before the time scale. */
const LOOP_SECONDS = 0.3;

/** How the scheduler of one instance is told that there is something to do. It costs nothing while there is not. */
export interface Scheduler {
  /** This run changed, or may be able to go on. */
  poke(run: RunRecord): void;
  /** Slots became free, or limits changed: every open run may be able to go on. */
  pokeAll(): void;
  /** Calls `task` after this many simulated seconds. */
  later(seconds: number, task: () => void): void;
  /** Nothing happens any more. */
  stop(): void;
}

/**
 * The scheduler loop. Instead of looking at every DAG once a second it works on the runs that were poked, in one go
 * after a short delay: that keeps thousands of idle DAGs free of cost.
 */
export const createScheduler = (world: World): Scheduler => {
  const poked = new Set<RunRecord>();
  let timer: Timer | undefined;
  let stopped = false;

  const arm = (): void => {
    if (timer !== undefined || stopped) return;
    timer = world.clock.at(world.clock.now() + scaled(world, LOOP_SECONDS), loop);
  };

  const loop = (): void => {
    timer = undefined;
    if (stopped) return;
    const work = [...poked].sort((a, b) => a.seq - b.seq);
    poked.clear();
    for (const run of work) {
      if (run.state === "queued") admitRun(world, scheduler, run);
      if (run.state === "running") advanceRun(world, scheduler, run);
    }
    startQueuedTasks(world, scheduler, work);
  };

  const scheduler: Scheduler = {
    poke: (run) => {
      poked.add(run);
      arm();
    },
    pokeAll: () => {
      for (const run of world.open) poked.add(run);
      if (poked.size > 0) arm();
    },
    later: (seconds, task) => {
      world.clock.at(world.clock.now() + scaled(world, seconds), () => {
        if (!stopped) task();
      });
    },
    stop: () => {
      stopped = true;
      timer?.cancel();
      for (const dag of world.dags.values()) dag.timer?.cancel();
    },
  };
  return scheduler;
};

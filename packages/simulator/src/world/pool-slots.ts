import type { PoolRecord } from "./house-records.ts";
import { tasksOf } from "./tasks-of-run.ts";
import type { World } from "./world.ts";

export interface PoolSlots {
  readonly running: number;
  readonly queued: number;
  readonly scheduled: number;
  readonly deferred: number;
  /** -1 slots means without limit, and then nothing runs short. */
  readonly open: number;
}

/** How the slots of a pool are taken at the moment. */
export const slotsOf = (world: World, pool: PoolRecord): PoolSlots => {
  const counts = { running: 0, queued: 0, scheduled: 0, deferred: 0 };
  for (const run of world.open) {
    for (const task of tasksOf(world, run)) {
      if ((task.task.spec.pool ?? "default_pool") !== pool.name) continue;
      const slots = task.task.spec.poolSlots ?? 1;
      if (task.state === "running") counts.running += slots;
      else if (task.state === "queued") counts.queued += slots;
      else if (task.state === "scheduled") counts.scheduled += slots;
      else if (task.state === "deferred") counts.deferred += slots;
    }
  }
  return { ...counts, open: pool.slots < 0 ? -1 : pool.slots - counts.running - counts.queued };
};

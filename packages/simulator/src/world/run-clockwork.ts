import type { Micros } from "../clock/instant.ts";
import type { RunRecord } from "./run-record.ts";
import { scaled, type World } from "./world.ts";

/** The scheduler looks at a running run this often, and each look changes `updated_at`. */
const LOOK_SECONDS = 2;

const lastLook = (world: World, run: RunRecord): Micros => {
  const every = Math.max(1, scaled(world, LOOK_SECONDS));
  const since = run.startAt ?? run.updatedAt;
  return since + Math.floor((world.clock.now() - since) / every) * every;
};

/**
 * When a run's row was last touched. A running one is touched every few seconds; that is computed on reading, so that
 * thousands of running runs need no timers.
 */
export const updatedAtOf = (world: World, run: RunRecord): Micros =>
  run.state === "running" ? Math.max(run.updatedAt, lastLook(world, run)) : run.updatedAt;

export const lastDecisionAtOf = (world: World, run: RunRecord): Micros | null =>
  run.state === "running" && run.lastDecisionAt !== null
    ? Math.max(run.lastDecisionAt, lastLook(world, run))
    : run.lastDecisionAt;

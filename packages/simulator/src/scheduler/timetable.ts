import type { Micros } from "../clock/instant.ts";
import type { DagSpec } from "../specs/dag-spec.ts";
import type { NextRun } from "../world/dag-record.ts";
import type { Generation } from "../world/world.ts";
import type { Ticks } from "./cron-ticks.ts";
import { startDateOf, ticksOf } from "./ticks.ts";

/** Airflow 2: a run is about the interval that ends when it starts. */
const overInterval = (ticks: Ticks, start: Micros | null): NextRun | null => {
  const end = start === null ? null : ticks.after(start);
  return start === null || end === null
    ? null
    : { logicalAt: start, intervalStart: start, intervalEnd: end, runAfter: end };
};

/** Airflow 3: a run is about the tick itself. */
const atTick = (tick: Micros | null): NextRun | null =>
  tick === null ? null : { logicalAt: tick, intervalStart: tick, intervalEnd: tick, runAfter: tick };

const laterOf = (a: Micros | null, b: Micros | null): Micros | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

/** The latest interval that is over, by its start. */
const lastClosedStart = (ticks: Ticks, now: Micros): Micros | null => {
  const end = ticks.atOrBefore(now);
  return end === null ? null : ticks.atOrBefore(end - 1);
};

/**
 * What a schedule starts next. Without catchup the gap since the last run is skipped but for its latest interval, which
 * is why an unpaused DAG starts one run at once.
 */
export const nextRunOf = (generation: Generation, spec: DagSpec, last: NextRun | null, now: Micros): NextRun | null => {
  const ticks = ticksOf(spec);
  if (ticks === undefined) return null;
  const first = ticks.after(startDateOf(spec) - 1);
  if (generation === 2) {
    const following = last === null ? first : last.intervalEnd;
    return overInterval(ticks, spec.catchup === true ? following : laterOf(following, lastClosedStart(ticks, now)));
  }
  const following = last === null ? first : ticks.after(last.logicalAt);
  return atTick(spec.catchup === true ? following : laterOf(following, ticks.atOrBefore(now)));
};

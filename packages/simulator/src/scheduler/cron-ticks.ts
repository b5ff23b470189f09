import { AirfleetError } from "@airfleet/model";
import { Cron } from "croner";
import { type Micros, SECOND } from "../clock/instant.ts";

/** The instants at which a schedule fires. */
export interface Ticks {
  /** The first one after this time. */
  after(at: Micros): Micros | null;
  /** The last one at or before this time. */
  atOrBefore(at: Micros): Micros | null;
}

/** How far back is looked first; doubled until something is found. */
const FIRST_LOOK_BACK: Micros = 3600 * SECOND;
/** A schedule without a tick in five years has none. */
const FURTHEST_LOOK_BACK: Micros = 5 * 366 * 86_400 * SECOND;
/** Answers that are remembered per pattern. */
const REMEMBERED = 1000;

const remember = <Value>(compute: (at: Micros) => Value): ((at: Micros) => Value) => {
  const known = new Map<Micros, Value>();
  return (at) => {
    const found = known.get(at);
    if (found !== undefined) return found;
    const value = compute(at);
    if (known.size >= REMEMBERED) known.clear();
    known.set(at, value);
    return value;
  };
};

const toSecond = (at: Micros): Micros => Math.floor(at / SECOND) * SECOND;

const readCron = (pattern: string): Cron => {
  try {
    // An offset instead of a time zone: croner needs no calendar of the runtime then, and is ten times faster.
    return new Cron(pattern, { utcOffset: 0, paused: true });
  } catch (cause) {
    throw new AirfleetError(
      "SIMULATION_INVALID",
      { subject: `the schedule "${pattern}"`, reason: "is no cron text" },
      { cause },
    );
  }
};

const parsed = new Map<string, Ticks>();

/**
 * The ticks of a cron text, UTC. A pattern is read once and its answers are remembered by the second: a thousand DAGs
 * share a few patterns and ask about the same moments.
 *
 * @throws {AirfleetError} SIMULATION_INVALID for a bad pattern
 */
export const cronTicks = (pattern: string): Ticks => {
  const known = parsed.get(pattern);
  if (known !== undefined) return known;
  const cron = readCron(pattern);
  const following = remember((at: Micros): Micros | null => {
    const next = cron.nextRun(new Date(at / 1000));
    return next === null ? null : next.getTime() * 1000;
  });
  const lastBetween = (from: Micros, until: Micros): Micros | null => {
    let last: Micros | null = null;
    for (let tick = following(from); tick !== null && tick <= until; tick = following(tick)) last = tick;
    return last;
  };
  const preceding = remember((at: Micros): Micros | null => {
    for (let back = FIRST_LOOK_BACK; back < FURTHEST_LOOK_BACK; back *= 2) {
      const last = lastBetween(at - back, at);
      if (last !== null) return last;
    }
    return null;
  });
  const ticks: Ticks = { after: (at) => following(toSecond(at)), atOrBefore: (at) => preceding(toSecond(at)) };
  parsed.set(pattern, ticks);
  return ticks;
};

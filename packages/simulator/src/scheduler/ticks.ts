import { Cron } from "croner";
import { type Micros, parseDate, SECOND } from "../clock/instant.ts";
import type { DagSpec } from "../specs/dag-spec.ts";

/** The instants at which a schedule fires. */
export interface Ticks {
  /** The first one after this time. */
  after(at: Micros): Micros | null;
  /** The last one at or before this time. */
  atOrBefore(at: Micros): Micros | null;
}

const DEFAULT_START = "2026-01-01T00:00:00Z";
const parsed = new Map<string, Ticks>();

/** Reads a cron text once; thousands of DAGs share a few patterns. Times are UTC. @throws {TypeError} for a bad pattern. */
const cronTicks = (pattern: string): Ticks => {
  const known = parsed.get(pattern);
  if (known !== undefined) return known;
  const cron = new Cron(pattern, { timezone: "UTC", paused: true });
  const ticks: Ticks = {
    after: (at) => {
      const next = cron.nextRun(new Date(Math.floor(at / 1000)));
      return next === null ? null : next.getTime() * 1000;
    },
    atOrBefore: (at) => {
      // croner looks strictly before its reference and in whole seconds, so one second is added to include the tick itself.
      const [previous] = cron.previousRuns(1, new Date(Math.floor(at / 1_000_000) * 1000 + 1000));
      return previous === undefined ? null : previous.getTime() * 1000;
    },
  };
  parsed.set(pattern, ticks);
  return ticks;
};

const intervalTicks = (start: Micros, everySeconds: number): Ticks => {
  const every = Math.round(everySeconds * SECOND);
  return {
    after: (at) => start + (Math.floor((at - start) / every) + 1) * every,
    atOrBefore: (at) => (at < start ? null : start + Math.floor((at - start) / every) * every),
  };
};

/** The start date of a DAG. */
export const startDateOf = (spec: DagSpec): Micros => {
  const date = parseDate(spec.startDate ?? DEFAULT_START);
  if (date.kind === "invalid") throw new TypeError(`DAG ${spec.dagId}: ${spec.startDate} is no ISO date`);
  return date.at;
};

/** The ticks of a DAG's schedule; undefined for one that is only triggered. */
export const ticksOf = (spec: DagSpec): Ticks | undefined => {
  const schedule = spec.schedule ?? null;
  if (schedule === null) return undefined;
  if (typeof schedule === "string") return cronTicks(schedule);
  return "everySeconds" in schedule ? intervalTicks(startDateOf(spec), schedule.everySeconds) : undefined;
};

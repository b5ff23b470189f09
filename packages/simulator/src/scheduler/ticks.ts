import { AirfleetError } from "@airfleet/model";
import { type Micros, parseDate, SECOND } from "../clock/instant.ts";
import type { DagSpec } from "../specs/dag-spec.ts";
import { cronTicks, type Ticks } from "./cron-ticks.ts";

const DEFAULT_START = "2026-01-01T00:00:00Z";
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
  if (date.kind === "invalid") {
    const reason = `has the start date ${spec.startDate ?? ""}, which is no ISO date`;
    throw new AirfleetError("SIMULATION_INVALID", { subject: `DAG ${spec.dagId}`, reason });
  }
  return date.at;
};

/** The ticks of a DAG's schedule; undefined for one that is only triggered. */
export const ticksOf = (spec: DagSpec): Ticks | undefined => {
  const schedule = spec.schedule ?? null;
  if (schedule === null) return undefined;
  if (typeof schedule === "string") return cronTicks(schedule);
  return "everySeconds" in schedule ? intervalTicks(startDateOf(spec), schedule.everySeconds) : undefined;
};

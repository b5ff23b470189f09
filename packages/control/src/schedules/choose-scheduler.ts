import { type Scheduler, toCronExpression } from "@airfleet/model";
import type { ScheduleDefinition } from "@airfleet/store";
import type { JsonObject } from "./schedule-request.ts";

/** Who is to start the runs of a schedule, and why. */
export interface SchedulerChoice {
  readonly runBy: Scheduler;
  /** What the engine could not do; null when it does it. */
  readonly reason: string | null;
}

const airfleet = (reason: string): SchedulerChoice => ({ runBy: "airfleet", reason });

/**
 * The engine is in charge of what it can do by itself: one cron expression per pipeline, from now on without end, with
 * the pipeline's own parameters, wherever the pipeline is deployed. Everything else is started by this server.
 *
 * @param isFree Whether the pipeline has no schedule of its own yet, or this is it.
 */
export const chooseScheduler = (
  definition: ScheduleDefinition,
  params: JsonObject,
  isFree: boolean,
): SchedulerChoice => {
  if (toCronExpression(definition) === null) return airfleet(`"${definition.frequency}" has no cron expression`);
  if (!isFree) return airfleet("the pipeline has a schedule of its own already, and an engine takes one");
  if (definition.startDate !== null || definition.endDate !== null) {
    return airfleet("it begins or ends at a date of its own");
  }
  if (definition.instance !== null || definition.environment !== null) return airfleet("it runs at a place of its own");
  if (Object.keys(params).length > 0) return airfleet("it has parameters of its own");
  return { runBy: "engine", reason: null };
};

import type { ScheduleTimes } from "@airfleet/model";
import type { ScheduleDefinition } from "@airfleet/store";
import type { ScheduleRequest } from "./schedule-request.ts";

const TIMES: ScheduleTimes = {
  minute: 0,
  hour: 0,
  daysOfWeek: [1],
  dayOfMonth: 1,
  cronExpression: null,
  intervalSeconds: null,
};

/** What a schedule is of which nothing was said. */
export const NEW: ScheduleDefinition = {
  frequency: "daily",
  timeZone: "UTC",
  startDate: null,
  endDate: null,
  times: TIMES,
  missed: "latest",
  instance: null,
  environment: null,
  kept: {},
};

/** What stays and what a request changes. */
export const withRequest = (present: ScheduleDefinition, request: ScheduleRequest): ScheduleDefinition => ({
  frequency: request.frequency ?? present.frequency,
  timeZone: request.timeZone ?? present.timeZone,
  startDate: request.startDate === undefined ? present.startDate : request.startDate,
  endDate: request.endDate === undefined ? present.endDate : request.endDate,
  times: { ...present.times, ...request.times },
  missed: request.missed ?? present.missed,
  instance: request.instance === undefined ? present.instance : request.instance,
  environment: request.environment === undefined ? present.environment : request.environment,
  kept: { ...present.kept, ...request.kept },
});

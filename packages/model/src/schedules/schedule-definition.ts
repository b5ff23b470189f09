import { AirfleetError } from "../errors/airfleet-error.ts";
import { createCalendar } from "./calendar.ts";

/** How often a schedule falls due; `custom` names a cron expression, `interval` a number of seconds. */
export const SCHEDULE_FREQUENCIES = ["once", "hourly", "daily", "weekly", "monthly", "custom", "interval"] as const;
export type ScheduleFrequency = (typeof SCHEDULE_FREQUENCIES)[number];

/** What becomes of ticks that nobody could serve: none is made up for, the last one, or each. */
export const MISSED_POLICIES = ["skip", "latest", "all"] as const;
export type MissedPolicy = (typeof MISSED_POLICIES)[number];

/** Who starts the runs of a schedule; exactly one of them, ever. */
export const SCHEDULERS = ["engine", "airfleet"] as const;
export type Scheduler = (typeof SCHEDULERS)[number];

/** The parts of a frequency, as older clients name them. Days of the week count from Sunday as 0. */
export interface ScheduleTimes {
  readonly minute: number;
  readonly hour: number;
  readonly daysOfWeek: readonly number[];
  readonly dayOfMonth: number;
  readonly cronExpression: string | null;
  readonly intervalSeconds: number | null;
}

/** When a schedule falls due. Instants are ISO with a zone. */
export interface ScheduleTiming {
  readonly frequency: ScheduleFrequency;
  readonly timeZone: string;
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly times: ScheduleTimes;
}

const invalid = (field: string, reason: string): AirfleetError =>
  new AirfleetError("SCHEDULE_INVALID", { field, reason });

/**
 * The cron expression of a frequency; null for `once` and `interval`, which have none.
 *
 * @throws {AirfleetError} SCHEDULE_INVALID
 */
export const toCronExpression = ({ frequency, times }: Pick<ScheduleTiming, "frequency" | "times">): string | null => {
  const { minute, hour, daysOfWeek, dayOfMonth, cronExpression } = times;
  switch (frequency) {
    case "hourly":
      return `${minute} * * * *`;
    case "daily":
      return `${minute} ${hour} * * *`;
    case "weekly":
      if (daysOfWeek.length === 0) throw invalid("config.days_of_week", "names no day");
      return `${minute} ${hour} * * ${[...new Set(daysOfWeek)].toSorted((a, b) => a - b).join(",")}`;
    case "monthly":
      return `${minute} ${hour} ${dayOfMonth} * *`;
    case "custom":
      if (cronExpression === null) throw invalid("config.cron_expression", 'is needed for frequency "custom"');
      return cronExpression;
    case "once":
    case "interval":
      return null;
    default:
      return frequency satisfies never;
  }
};

/** Ticks of a schedule, in order. */
export interface Ticks {
  /** The first tick after an instant; null when none is left. */
  after(instant: number): number | null;
}

const bounded = (timing: ScheduleTiming, next: (instant: number) => number | null): Ticks => {
  const start = timing.startDate === null ? Number.NEGATIVE_INFINITY : Date.parse(timing.startDate);
  const end = timing.endDate === null ? Number.POSITIVE_INFINITY : Date.parse(timing.endDate);
  return {
    after(instant) {
      // A tick that is the start itself counts.
      const tick = next(Math.max(instant, start - 1));
      return tick === null || tick > end ? null : tick;
    },
  };
};

/**
 * Ticks of a schedule as this server counts them: those of Airflow's calendar between start and end, both included.
 *
 * @param anchor Counts intervals where there is no start date, epoch milliseconds.
 * @throws {AirfleetError} SCHEDULE_INVALID, CRON_INVALID, CRON_NEVER, TIME_ZONE_UNKNOWN
 */
export const createTicks = (timing: ScheduleTiming, anchor: number): Ticks => {
  const { frequency, startDate, endDate, times, timeZone } = timing;
  if (startDate !== null && endDate !== null && Date.parse(endDate) < Date.parse(startDate)) {
    throw invalid("end_date", "is before start_date");
  }
  const from = startDate === null ? anchor : Date.parse(startDate);
  if (frequency === "once") {
    if (startDate === null) throw invalid("start_date", 'is needed for frequency "once"');
    return bounded(timing, (instant) => (from > instant ? from : null));
  }
  if (frequency === "interval") {
    const { intervalSeconds } = times;
    if (intervalSeconds === null) throw invalid("config.interval_seconds", 'is needed for frequency "interval"');
    const every = intervalSeconds * 1_000;
    return bounded(timing, (instant) => from + (Math.floor((instant - from) / every) + 1) * every);
  }
  const cron = toCronExpression(timing) ?? "";
  const calendar = createCalendar(cron, timeZone);
  return bounded(timing, (instant) => calendar.next(new Date(instant))?.getTime() ?? null);
};

/** The next so many ticks after an instant. */
export const nextTicks = (ticks: Ticks, after: number, count: number): readonly number[] => {
  const found: number[] = [];
  for (let tick = ticks.after(after); tick !== null && found.length < count; tick = ticks.after(tick)) found.push(tick);
  return found;
};

import { Cron } from "croner";
import { AirfleetError } from "../errors/airfleet-error.ts";
import { parseCronFields } from "./cron-fields.ts";
import { createTimeZone } from "./time-zone.ts";

/**
 * When a cron expression falls due in a time zone, to the second as Airflow's `CronDataIntervalTimetable` computes it
 * (`airflow/timetables/_cron.py`, the same in 2.11 and 3.3), daylight saving included:
 *
 * - A local time that there is twice falls due at the second.
 * - One that is skipped falls due when a clock that was not changed would show it.
 * - An expression that names every hour is counted in real hours instead, so that `30 * * * *` falls due twice in the
 *   repeated hour.
 */
export interface Calendar {
  readonly cron: string;
  readonly timeZone: string;
  /** The first tick after an instant, never the instant itself; null when there is none for a hundred years. */
  next(after: Date): Date | null;
  /** The last tick before an instant, never the instant itself. */
  previous(before: Date): Date | null;
  /** The instant itself when it is a tick, else the next one. */
  alignToNext(instant: Date): Date | null;
  /** The instant itself when it is a tick, else the one before. */
  alignToPrevious(instant: Date): Date | null;
}

const SECOND_MS = 1_000;

/** Ticks are searched no farther: what is not found by then does not exist. */
const FARTHEST_YEAR = 2_500;

/**
 * @param cron Five fields or one of Airflow's presets (`@daily`).
 * @param timeZone A name of the tz database.
 * @throws {AirfleetError} CRON_INVALID, CRON_NEVER, TIME_ZONE_UNKNOWN
 */
export const createCalendar = (cron: string, timeZone: string): Calendar => {
  const fields = parseCronFields(cron);
  const zone = createTimeZone(timeZone);
  // The search is done on the wall's digits as if they were UTC: what croner makes of clock changes is not Airflow's way.
  const pattern = new Cron(fields.text, { timezone: "UTC", mode: "5-part", paused: true });
  if (pattern.nextRun(new Date(0)) === null) throw new AirfleetError("CRON_NEVER", { cron });

  const toTick = (from: number, wall: number, found: Date | null | undefined): Date | null => {
    if (found === null || found === undefined || found.getUTCFullYear() > FARTHEST_YEAR) return null;
    if (fields.coversEveryHour) return new Date(from + (found.getTime() - wall));
    return new Date(zone.toInstant(found.getTime()));
  };
  const calendar: Calendar = {
    cron,
    timeZone,
    next(after) {
      const from = Math.floor(after.getTime() / SECOND_MS) * SECOND_MS;
      const wall = zone.toWall(from);
      return toTick(from, wall, pattern.nextRun(new Date(wall)));
    },
    previous(before) {
      const from = Math.ceil(before.getTime() / SECOND_MS) * SECOND_MS;
      const wall = zone.toWall(from);
      return toTick(from, wall, pattern.previousRuns(1, new Date(wall))[0]);
    },
    alignToNext(instant) {
      const next = calendar.next(instant);
      if (next === null) return null;
      return calendar.previous(next)?.getTime() === instant.getTime() ? instant : next;
    },
    alignToPrevious(instant) {
      const previous = calendar.previous(instant);
      if (previous === null) return null;
      return calendar.next(previous)?.getTime() === instant.getTime() ? instant : previous;
    },
  };
  return calendar;
};

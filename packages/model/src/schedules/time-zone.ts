import { AirfleetError } from "../errors/airfleet-error.ts";

/** Wall-clock time as milliseconds: what `Date.UTC` makes of the digits that a clock on the wall shows. */
export type WallTime = number;

/** A time zone of the tz database. Instants are epoch milliseconds. */
export interface TimeZone {
  readonly name: string;
  toWall(instant: number): WallTime;
  /**
   * The instant at which clocks show this, as Airflow computes it: of a repeated time the second, and of a skipped one
   * what the clock shows when it would have been (02:30 becomes 03:30 where an hour is skipped).
   */
  toInstant(wall: WallTime): number;
}

const DAY_MS = 86_400_000;

const openFormat = (name: string): Intl.DateTimeFormat => {
  try {
    return new Intl.DateTimeFormat("en-US-u-ca-iso8601-nu-latn", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (error) {
    throw new AirfleetError("TIME_ZONE_UNKNOWN", { time_zone: name }, { cause: error });
  }
};

/** @throws {AirfleetError} TIME_ZONE_UNKNOWN */
export const createTimeZone = (name: string): TimeZone => {
  const format = openFormat(name);
  const toWall = (instant: number): WallTime => {
    const parts = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    for (const { type, value } of format.formatToParts(instant)) {
      if (type in parts) parts[type as keyof typeof parts] = Number(value);
    }
    const { year, month, day, hour, minute, second } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1_000) + 1_000) % 1_000);
  };
  const offsetAt = (instant: number): number => toWall(instant) - instant;
  return {
    name,
    toWall,
    toInstant(wall) {
      // No zone changes twice within two days.
      const before = offsetAt(wall - DAY_MS);
      const after = offsetAt(wall + DAY_MS);
      if (before === after) return wall - before;
      const isShown = (offset: number): boolean => offsetAt(wall - offset) === offset;
      if (isShown(after)) return wall - after;
      return wall - before;
    },
  };
};

import type { Instant } from "@airfleet/model";

const PATTERN = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?$/;
const PARTS = ["year", "month", "day", "hour", "minute", "second"] as const;

/** What clocks in a zone show at a moment, as if they showed UTC. */
const wallClockAt = (time: number, timeZone: string): number => {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(time);
  const [year = 0, month = 1, ...rest] = PARTS.map((name) => Number(parts.find(({ type }) => type === name)?.value));
  return Date.UTC(year, month - 1, ...rest);
};

/** Clocks are changed by less, and not twice within it. */
const DAY_MS = 86_400_000;

/** A time that clocks in a zone show twice is the first of the two; one that they skip is as if they had not. */
const fromWallClock = (wall: number, timeZone: string): number => {
  const offsetAt = (time: number): number => wallClockAt(time, timeZone) - time;
  const [earlier, later] = [wall - offsetAt(wall - DAY_MS), wall - offsetAt(wall + DAY_MS)];
  const shown = [earlier, later].filter((time) => wallClockAt(time, timeZone) === wall);
  return shown.length === 0 ? earlier : Math.min(...shown);
};

/**
 * A time as a sender wrote it, as UTC with the digits that it had; null for what is no time.
 *
 * @param timeZone Zone of a text that has none.
 */
export const readDate = (value: unknown, timeZone: string): Instant | null => {
  const match = typeof value === "string" ? PATTERN.exec(value) : null;
  if (match === null) return null;
  const [, day, clock, fraction, zone] = match;
  const written = Date.parse(`${day}T${clock}${zone ?? "Z"}`);
  if (Number.isNaN(written)) return null;
  const time = zone === undefined && timeZone !== "UTC" ? fromWallClock(written, timeZone) : written;
  return `${new Date(time).toISOString().slice(0, 19)}${fraction === undefined ? "" : `.${fraction}`}Z`;
};

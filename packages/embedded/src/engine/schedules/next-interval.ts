import type { Calendar } from "@airfleet/model";

/** What a run on schedule is about. It is created when the interval is over. */
export interface Interval {
  readonly start: Date;
  readonly end: Date;
}

/** What becomes of ticks that passed unnoticed: none is made up for, the last one is, or all are. */
export type MissedRuns = "skip" | "latest" | "all";

interface Place {
  readonly calendar: Calendar;
  readonly startDate: Date;
  readonly endDate: Date | null;
  /** Where the last interval ended that got a run; null when none did. */
  readonly lastEnd: Date | null;
  readonly missed: MissedRuns;
  readonly now: Date;
}

/** A tick that is this late was missed: nobody looked for as long. */
export const GRACE_MS = 60_000;

const later = (first: Date, second: Date | null): Date | null =>
  second === null ? null : first.getTime() > second.getTime() ? first : second;

/** The start of the last interval that is over by now. */
const latestStart = (calendar: Calendar, now: Date): Date | null => {
  const last = calendar.previous(now);
  if (last === null) return null;
  // Exactly on a boundary the interval before has just ended.
  return calendar.next(last)?.getTime() === now.getTime() ? last : calendar.previous(last);
};

/** The start of the interval that ends next, or ended so short a while ago that nobody missed it. */
const unmissedStart = (calendar: Calendar, now: Date): Date | null =>
  calendar.alignToPrevious(new Date(now.getTime() - GRACE_MS));

const earliestStart = ({ calendar, startDate, missed, now }: Place): Date | null => {
  const first = calendar.alignToNext(startDate);
  if (missed === "all" || first === null) return first;
  const found = missed === "latest" ? latestStart(calendar, now) : unmissedStart(calendar, now);
  return found === null ? null : later(found, first);
};

/**
 * The next interval of a schedule: `CronDataIntervalTimetable.next_dagrun_info` of Airflow, where `catchup` is `all` and
 * its absence `latest`. Null when the schedule has come to its end. Pure.
 */
export const nextInterval = (place: Place): Interval | null => {
  const { calendar, endDate, lastEnd } = place;
  const earliest = earliestStart(place);
  const resumed = lastEnd === null ? null : calendar.alignToPrevious(lastEnd);
  const start = lastEnd === null || resumed === null ? earliest : earliest === null ? null : later(resumed, earliest);
  if (start === null || (endDate !== null && start.getTime() > endDate.getTime())) return null;
  const end = calendar.next(start);
  return end === null ? null : { start, end };
};

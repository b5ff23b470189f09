/** One walk along a calendar, in both directions. */
export interface CalendarCase {
  readonly cron: string;
  readonly time_zone: string;
  readonly from: string;
  readonly count: number;
}

/** What an Airflow made of a case. */
export interface CalendarAnswer {
  readonly next: readonly string[];
  readonly previous: readonly string[];
  readonly align_next: string;
  readonly align_previous: string;
}

const ZONES: Readonly<Record<string, readonly string[]>> = {
  // Just before clocks go forward and back; Lord Howe changes by half an hour, Santiago and Beirut at midnight.
  "America/New_York": ["2026-03-08T04:10:00+00:00", "2026-11-01T03:10:00+00:00"],
  "Australia/Lord_Howe": ["2026-10-03T13:10:00+00:00", "2026-04-04T13:10:00+00:00"],
  "Europe/Zurich": ["2026-03-28T23:10:00+00:00", "2026-10-24T22:10:00+00:00"],
  "America/Santiago": ["2026-09-06T01:10:00+00:00", "2026-04-05T01:10:00+00:00"],
  "Asia/Beirut": ["2026-03-28T20:10:00+00:00", "2026-10-24T19:10:00+00:00"],
  "Asia/Kathmandu": ["2026-05-01T00:00:00+00:00"],
  UTC: ["2026-02-27T12:00:00+00:00"],
};

const EXPRESSIONS = [
  "* * * * *",
  "30 * * * *",
  "*/20 * * * *",
  "15 1,2,3 * * *",
  "0 */2 * * *",
  "10/25 1-3 * * *",
  "30 2 * * *",
  "45 1 * * *",
  "0 0 * * *",
  "0 * * * 1",
  "*/30 0-23 * * sun",
  "@hourly",
  "@daily",
  "@weekly",
  "@monthly",
];

const PLAIN = [
  "@quarterly",
  "@yearly",
  "0 6 * * mon-fri",
  "0 6 13 * 5",
  "0 6 */10 * 5",
  "0 6 1-31 * 5",
  "0 6 13 * 0-6",
  "0 6 13 * */2",
  "0 6 29 2 *",
  "0 6 31 * *",
  "0 6 l * *",
  "0 6 1,L * *",
  "0 6 * * 5#2",
  "0 6 * * mon#1,wed#3",
  "0 6 * * L5",
  "0 6 * * 5-7",
  "0 6 * jan,JUL 7",
  "0 6 13 * */1",
  "0 6 */1 * 5",
  "0 6 L * 1",
];

/** The walks that were recorded: every zone with every expression, and the forms that an expression may have. */
export const CALENDAR_CASES: readonly CalendarCase[] = [
  ...Object.entries(ZONES).flatMap(([time_zone, starts]) =>
    starts.flatMap((from) => EXPRESSIONS.map((cron) => ({ cron, time_zone, from, count: 12 }))),
  ),
  ...PLAIN.map((cron) => ({ cron, time_zone: "Europe/Zurich", from: "2026-01-09T05:00:00+00:00", count: 12 })),
  // Exactly on a tick, and between two seconds of one.
  { cron: "0 6 * * *", time_zone: "UTC", from: "2026-01-09T06:00:00+00:00", count: 3 },
  { cron: "0 6 * * *", time_zone: "UTC", from: "2026-01-09T06:00:00.250000+00:00", count: 3 },
  { cron: "0 6 * * *", time_zone: "UTC", from: "2026-01-09T05:59:59.750000+00:00", count: 3 },
  { cron: "0 * * * *", time_zone: "UTC", from: "2026-01-09T06:00:00.250000+00:00", count: 3 },
];

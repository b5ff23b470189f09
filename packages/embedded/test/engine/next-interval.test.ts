import { createCalendar } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { type MissedRuns, nextInterval } from "../../src/engine/schedules/next-interval.ts";

interface Asked {
  readonly cron?: string;
  readonly zone?: string;
  readonly start?: string;
  readonly end?: string;
  readonly last?: string;
  readonly missed?: MissedRuns;
  readonly now: string;
}

const ask = ({
  cron = "0 * * * *",
  zone = "UTC",
  start = "2026-01-01T00:00:00Z",
  end,
  last,
  missed = "latest",
  now,
}: Asked) => {
  const found = nextInterval({
    calendar: createCalendar(cron, zone),
    startDate: new Date(start),
    endDate: end === undefined ? null : new Date(end),
    lastEnd: last === undefined ? null : new Date(last),
    missed,
    now: new Date(now),
  });
  return found === null ? null : [found.start.toISOString(), found.end.toISOString()];
};

const hour = (from: string, to: string) => [`2026-03-10T${from}:00.000Z`, `2026-03-10T${to}:00.000Z`];

describe("the next interval", () => {
  test("without catchup is the last one that is over, as Airflow's first run after unpausing", () => {
    expect(ask({ now: "2026-03-10T10:30:00Z" })).toEqual(hour("09:00", "10:00"));
    expect(ask({ now: "2026-03-10T10:00:00Z" })).toEqual(hour("09:00", "10:00"));
  });

  test("follows the one before", () => {
    expect(ask({ last: "2026-03-10T10:00:00Z", now: "2026-03-10T10:30:00Z" })).toEqual(hour("10:00", "11:00"));
  });

  test("with catchup is the first of all, and then one after the other", () => {
    const start = "2026-03-10T01:15:00Z";
    expect(ask({ start, missed: "all", now: "2026-03-10T10:30:00Z" })).toEqual(hour("02:00", "03:00"));
    expect(ask({ start, missed: "all", last: "2026-03-10T03:00:00Z", now: "2026-03-10T10:30:00Z" })).toEqual(
      hour("03:00", "04:00"),
    );
  });

  test("skipping what was missed leaves out ticks that are late, and takes one that just was", () => {
    expect(ask({ missed: "skip", last: "2026-03-10T03:00:00Z", now: "2026-03-10T10:30:00Z" })).toEqual(
      hour("10:00", "11:00"),
    );
    expect(ask({ missed: "skip", last: "2026-03-10T09:00:00Z", now: "2026-03-10T10:00:30Z" })).toEqual(
      hour("09:00", "10:00"),
    );
  });

  test("is never before the start, and none is behind the end", () => {
    expect(ask({ start: "2026-03-10T12:00:00Z", now: "2026-03-10T10:30:00Z" })).toEqual(hour("12:00", "13:00"));
    expect(
      ask({ end: "2026-03-10T08:00:00Z", last: "2026-03-10T08:00:00Z", missed: "all", now: "2026-03-10T10:30:00Z" }),
    ).toEqual(hour("08:00", "09:00"));
    expect(
      ask({ end: "2026-03-10T08:00:00Z", last: "2026-03-10T09:00:00Z", missed: "all", now: "2026-03-10T10:30:00Z" }),
    ).toBeNull();
  });

  test("a day of New York is as long as its clocks make it", () => {
    const day = { cron: "0 0 * * *", zone: "America/New_York", missed: "all", now: "2026-03-20T00:00:00Z" } as const;
    expect(ask({ ...day, last: "2026-03-08T05:00:00Z" })).toEqual([
      "2026-03-08T05:00:00.000Z",
      "2026-03-09T04:00:00.000Z",
    ]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCalendar } from "../../src/schedules/calendar.ts";
import { createTimeZone } from "../../src/schedules/time-zone.ts";
import { CALENDAR_CASES } from "./calendar-cases.ts";
import { readRecorded } from "./read-from-airflow.ts";

const recorded = await readRecorded();

const walk = (step: (at: Date) => Date | null, from: Date, count: number): readonly (string | undefined)[] => {
  const found: (string | undefined)[] = [];
  for (let at: Date | null = from; found.length < count && at !== null; ) {
    at = step(at);
    found.push(at?.toISOString().replace(".000Z", "Z"));
  }
  return found;
};

const withoutZeros = (date: Date | null): string | undefined =>
  date
    ?.toISOString()
    .replace(".000Z", "Z")
    .replace(/(\.\d{3})Z$/, "$1000Z");

describe("what Airflow 2.11 and 3.3 compute", () => {
  it("has an answer for every case", () => expect(recorded).toHaveLength(CALENDAR_CASES.length));

  it.each(CALENDAR_CASES.map((one, index) => ({ ...one, index })))(
    "is what comes out for $cron in $time_zone from $from",
    ({ cron, time_zone, from, count, index }) => {
      const calendar = createCalendar(cron, time_zone);
      const start = new Date(from);
      expect({
        next: walk((at) => calendar.next(at), start, count),
        previous: walk((at) => calendar.previous(at), start, count),
        align_next: withoutZeros(calendar.alignToNext(start)),
        align_previous: withoutZeros(calendar.alignToPrevious(start)),
      }).toEqual(recorded[index]);
    },
  );
});

describe("a calendar", () => {
  it("gives a skipped time as a clock shows it that was not changed, and of a repeated one the second", () => {
    const newYork = createCalendar("30 2 * * *", "America/New_York");
    expect(newYork.next(new Date("2026-03-08T05:00:00Z"))?.toISOString()).toBe("2026-03-08T07:30:00.000Z");
    const repeated = createCalendar("30 1 * * *", "America/New_York");
    expect(repeated.next(new Date("2026-11-01T04:00:00Z"))?.toISOString()).toBe("2026-11-01T06:30:00.000Z");
  });

  it.each([
    ["", "0 fields"],
    ["* * * *", "4 fields"],
    ["0 0 6 * * *", "6 fields"],
    ["60 * * * *", 'the minute "60" is not within 0-59'],
    ["* 24 * * *", "not within 0-23"],
    ["* * 0 * *", "not within 1-31"],
    ["* * * * 8", "not within 0-7"],
    ["*/0 * * * *", "no number above 0"],
    ["5-1 * * * *", "ends before it begins"],
    ["1-2-3 * * * *", "is no range"],
    ["1/2/3 * * * *", "two steps"],
    ["* * 15W * *", "not within 1-31"],
    ["* * ? * *", "not within 1-31"],
    ["@reboot", "1 fields"],
    ["* * * * 1,5#2", "mixes"],
    ["0 6 10 * 5#2", "leaves no room"],
    [`${"1,".repeat(200)}1 * * * *`, "longer than 200"],
  ])("refuses %j: %s", (cron, reason) => {
    expect(() => createCalendar(cron, "UTC")).toThrow(
      expect.objectContaining({ code: "CRON_INVALID", message: expect.stringContaining(reason) }),
    );
  });

  it("refuses what never falls due, and zones that there are not", () => {
    expect(() => createCalendar("0 0 30 2 *", "UTC")).toThrow(expect.objectContaining({ code: "CRON_NEVER" }));
    expect(() => createCalendar("0 0 * * *", "Mars/Phobos")).toThrow(
      expect.objectContaining({ code: "TIME_ZONE_UNKNOWN" }),
    );
  });

  const zones = fc.constantFrom(
    "America/New_York",
    "Australia/Lord_Howe",
    "Europe/Zurich",
    "America/Santiago",
    "Pacific/Apia",
    "UTC",
  );
  const instants = fc.date({ min: new Date("2013-01-01"), max: new Date("2037-01-01"), noInvalidDate: true });
  const crons = fc
    .tuple(
      fc.integer({ min: 0, max: 59 }),
      fc.constantFrom("*", "0", "1", "2", "3", "2,14", "*/3"),
      fc.constantFrom("*", "1", "15", "l"),
    )
    .map(([minute, hour, day]) => `${minute} ${hour} ${day} * *`);

  it("moves strictly: next is later, previous earlier, whatever the clocks do", () => {
    fc.assert(
      fc.property(crons, zones, instants, (cron, zone, at) => {
        const calendar = createCalendar(cron, zone);
        expect(calendar.next(at)?.getTime()).toBeGreaterThan(at.getTime());
        expect(calendar.previous(at)?.getTime()).toBeLessThan(at.getTime());
      }),
      { numRuns: 500 },
    );
  });

  it("shows on the wall what the expression says, save in the hours that clocks skip", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 0, max: 23 }),
        zones,
        instants,
        (minute, hour, zone, at) => {
          const next = createCalendar(`${minute} ${hour} * * *`, zone).next(at);
          const shown = new Date(createTimeZone(zone).toWall(next!.getTime()));
          const expected = Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth(), shown.getUTCDate(), hour, minute);
          const late = shown.getTime() - expected;
          expect([0, 1_800_000, 3_600_000]).toContain(late < 0 ? late + 86_400_000 : late);
        },
      ),
      { numRuns: 500 },
    );
  });
});

import type { MissedPolicy } from "@airfleet/model";
import type { ScheduleDefinition } from "@airfleet/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseScheduler } from "../../src/schedules/choose-scheduler.ts";
import { dueTicks, MISSED_AFTER_MS, tickExecutionId, tickRunId } from "../../src/schedules/serve-ticks.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-11-21T10:00:00Z");

const hourly = (changes: Partial<ScheduleDefinition> = {}): ScheduleDefinition => ({
  frequency: "hourly",
  timeZone: "UTC",
  startDate: null,
  endDate: null,
  times: { minute: 0, hour: 0, daysOfWeek: [], dayOfMonth: 1, cronExpression: null, intervalSeconds: null },
  missed: "latest",
  instance: null,
  environment: null,
  kept: {},
  ...changes,
});

const look = (definition: ScheduleDefinition, nextTick: number, now: number) =>
  dueTicks({ definition, anchor: START, nextTick }, now);

const withInterval = (missed: MissedPolicy): ScheduleDefinition =>
  hourly({ missed, frequency: "interval", times: { ...hourly().times, intervalSeconds: 3_600 } });

const EVERY_HOUR = { skip: withInterval("skip"), latest: withInterval("latest"), all: withInterval("all") };

describe("ticks that are due", () => {
  it.each([
    ["skip", []],
    ["latest", [START + 3 * HOUR]],
    ["all", [START, START + HOUR, START + 2 * HOUR, START + 3 * HOUR]],
  ] as const)("are made up for as the policy %s says", (missed, serve) => {
    const now = START + 3 * HOUR + MISSED_AFTER_MS + 1;
    expect(look(hourly({ missed }), START, now)).toEqual({
      serve,
      dropped: 4 - serve.length,
      next: START + 4 * HOUR,
    });
  });

  it("are served on time whatever the policy", () => {
    for (const missed of ["skip", "latest", "all"] as const) {
      expect(look(hourly({ missed }), START, START + 900)).toMatchObject({ serve: [START], dropped: 0 });
    }
  });

  it("end with the schedule, the end itself included", () => {
    const definition = hourly({ endDate: "2026-11-21T11:00:00Z" });
    expect(look(definition, START, START)).toMatchObject({ next: START + HOUR });
    expect(look(definition, START + HOUR, START + HOUR)).toMatchObject({ serve: [START + HOUR], next: null });
  });

  it("of one that runs once are one", () => {
    const once = hourly({ frequency: "once", startDate: "2026-11-21T10:00:00Z" });
    expect(look(once, START, START + 5)).toEqual({ serve: [START], dropped: 0, next: null });
  });

  it("of an interval are counted from its start", () => {
    const times = { ...hourly().times, intervalSeconds: 900 };
    expect(look(hourly({ frequency: "interval", times }), START, START).next).toBe(START + 900_000);
  });

  it("are each served once, however long the looks are apart", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10 * HOUR }), { minLength: 1, maxLength: 30 }),
        fc.constantFrom<MissedPolicy>("skip", "latest", "all"),
        (gaps, missed) => {
          let now = START - 1;
          let next: number | null = START;
          const served: number[] = [];
          let dropped = 0;
          for (const gap of gaps) {
            now += gap;
            const due = look(EVERY_HOUR[missed], next ?? 0, now);
            served.push(...due.serve);
            dropped += due.dropped;
            next = due.next;
          }
          const past = Math.max(0, Math.floor((now - START) / HOUR) + 1);
          expect(new Set(served).size).toBe(served.length);
          expect(served).toEqual(served.toSorted((left, right) => left - right));
          expect(served.length + dropped).toBe(past);
          expect(missed === "all" ? dropped : 0).toBe(0);
          expect(next).toBe(START + past * HOUR);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("have one name each, the same on every server", () => {
    expect(tickExecutionId("s", START)).toBe(tickExecutionId("s", START));
    expect(tickExecutionId("s", START)).not.toBe(tickExecutionId("s", START + HOUR));
    expect(tickRunId("s", START)).toBe(`execution__${tickExecutionId("s", START)}`);
  });
});

describe("who is in charge", () => {
  it("is the engine for the one cron expression of a pipeline", () => {
    expect(chooseScheduler(hourly(), {}, true)).toEqual({ runBy: "engine", reason: null });
  });

  it.each([
    ["a second one", hourly(), {}, false],
    ["once", hourly({ frequency: "once", startDate: "2026-11-21T10:00:00Z" }), {}, true],
    ["an end", hourly({ endDate: "2026-12-21T10:00:00Z" }), {}, true],
    ["a place", hourly({ instance: "eu" }), {}, true],
    ["parameters", hourly(), { day: 1 }, true],
  ] as const)("is this server for %s, and it says why", (_what, definition, params, isFree) => {
    const choice = chooseScheduler(definition, params, isFree);
    expect(choice.runBy).toBe("airfleet");
    expect(choice.reason).not.toBeNull();
  });
});

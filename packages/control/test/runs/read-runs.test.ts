import type { Engine, Page, RunQuery } from "@airfleet/engine";
import { AirfleetError, type Run } from "@airfleet/model";
import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { readRuns } from "../../src/poll/read-runs.ts";
import { createRunBudget } from "../../src/poll/run-budget.ts";
import { atRest, fromWatermark, type RunFeedPlace, toWatermark } from "../../src/poll/run-feed-place.ts";
import { aRun, FakeInstance } from "../fake-instance.ts";

const ANSWERED_AT = Date.parse("2026-11-21T10:00:00Z");

/** An engine whose feed has so many pages of one run each. */
const feedOf = (pages: number, fail: (query: RunQuery) => void = () => undefined) => {
  const asked: RunQuery[] = [];
  const engine: Engine = {
    ...new FakeInstance("eu").engine(),
    listRuns: (query): Promise<Page<Run>> => {
      asked.push(query);
      const number = Number(query.after ?? 0);
      try {
        fail(query);
      } catch (error) {
        return Promise.reject(error);
      }
      const next = number + 1 < pages ? String(number + 1) : null;
      return Promise.resolve({ items: [aRun("d", `r${number}`)], next, total: pages, answeredAt: ANSWERED_AT });
    },
  };
  return { engine, asked };
};

const walk = async (engine: Engine, start: RunFeedPlace, budgetMs: number) => {
  const taken: string[] = [];
  const places: RunFeedPlace[] = [];
  await readRuns(engine, start, {
    signal: new AbortController().signal,
    budgetMs,
    costOf: ({ tookMs }) => tookMs,
    now: () => 5_000,
    take: async (runs) => {
      taken.push(...runs.map(({ runId }) => runId));
    },
    moved: async (place) => {
      places.push(place);
    },
  });
  return { taken, last: places.at(-1)!, places };
};

const SINCE = "2026-11-21T09:00:00.000Z";

describe("reading the runs that changed", () => {
  it("takes one call when nothing more happened, and goes on 30 s before the engine's own time", async () => {
    const { engine, asked } = feedOf(1);
    const { last } = await walk(engine, atRest(SINCE), 0);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ changedSince: SINCE });
    expect(last.next).toBeNull();
    const since = Date.parse(last.since!);
    expect(since).toBeLessThanOrEqual(ANSWERED_AT - 30_000);
    expect(since).toBeGreaterThan(ANSWERED_AT - 32_000);
  });

  it("takes two calls and keeps its place, when its budget allows no more", async () => {
    const { engine, asked } = feedOf(5);
    const first = await walk(engine, atRest(SINCE), 0);
    expect(first.taken).toEqual(["r0", "r1"]);
    expect(first.last).toMatchObject({ since: SINCE, next: "2" });
    const second = await walk(engine, fromWatermark(toWatermark(first.last)), 10_000);
    expect(second.taken).toEqual(["r2", "r3", "r4"]);
    // The end of the walk is dated by its first page: what changed during the walk comes again.
    expect(second.last.since).toBe(first.last.pending);
    expect(asked).toHaveLength(5);
  });

  it("begins the walk anew when the server does not know its place any more", async () => {
    const refused = new AirfleetError("AIRFLOW_REFUSED", {
      instance: "eu",
      status: 400,
      reason: "Invalid cursor token",
    });
    const { engine } = feedOf(1, ({ after }) => {
      if (after !== undefined) throw refused;
    });
    const { taken, last } = await walk(engine, { since: SINCE, next: "gone", pending: SINCE }, 0);
    expect(taken).toEqual(["r0"]);
    expect(last.next).toBeNull();
  });

  it("reads the newest runs of an instance that it sees for the first time, and leaves the others to history", async () => {
    const { engine, asked } = feedOf(50);
    const { taken, last } = await walk(engine, atRest(null), 10_000);
    expect(taken).toEqual(["r0", "r1"]);
    expect(asked.every(({ changedSince }) => changedSince === undefined)).toBe(true);
    expect(last.next).toBeNull();
  });

  it("does not move behind a page that could not be taken into the store", async () => {
    const { engine } = feedOf(5);
    const places: RunFeedPlace[] = [];
    const reading = readRuns(engine, atRest(SINCE), {
      signal: new AbortController().signal,
      budgetMs: 0,
      costOf: ({ tookMs }) => tookMs,
      now: () => 5_000,
      take: () => Promise.reject(new AirfleetError("STORE_BUSY")),
      moved: async (place) => {
        places.push(place);
      },
    });
    await expect(reading).rejects.toMatchObject({ code: "STORE_BUSY" });
    expect(places).toEqual([]);
  });

  it("takes a watermark that nobody can read for none at all", () => {
    expect(fromWatermark("[1,2,3]")).toEqual(atRest(null));
    expect(fromWatermark('["a","b"')).toEqual(atRest(null));
    expect(fromWatermark(SINCE)).toEqual(atRest(SINCE));
  });
});

describe("the budget of a run feed", () => {
  it("never gives more than its share of the time that passed, however it is spent", () => {
    assert(
      property(integer({ min: 1, max: 900 }), integer({ min: 1, max: 200 }), (spentMs, readings) => {
        const budget = createRunBudget(0);
        let now = 0;
        let total = 0;
        for (let reading = 0; reading < readings; reading += 1) {
          budget.allowance(now);
          total += spentMs;
          now += Math.max(5_000, budget.spend(spentMs, now) / 0.015);
        }
        // The last reading is paid for by the wait that follows it.
        expect(total).toBeLessThanOrEqual(0.015 * now + spentMs + 1e-6);
      }),
    );
  });

  it("lets even the slowest instance be looked at once a minute, and is not owed for ever", () => {
    const budget = createRunBudget(0);
    for (let now = 0; now < 600_000; now += 60_000)
      expect(budget.spend(30_000, now) / 0.015).toBeLessThanOrEqual(60_000);
    expect(budget.spend(0, 660_000)).toBe(0);
  });

  it("counts an answer that is late because the instance is busy as the quickest of late", () => {
    const budget = createRunBudget(0);
    expect(budget.cost({ tookMs: 3_000, isFull: false })).toBe(3_000);
    expect(budget.cost({ tookMs: 150, isFull: false })).toBe(150);
    expect(budget.cost({ tookMs: 3_000, isFull: false })).toBe(150);
    // A page full of runs is other work than one that finds nothing.
    expect(budget.cost({ tookMs: 800, isFull: true })).toBe(800);
    // Slow for good.
    for (let call = 0; call < 10; call += 1) budget.cost({ tookMs: 3_000, isFull: false });
    expect(budget.cost({ tookMs: 3_000, isFull: false })).toBe(3_000);
  });

  it("saves what was not used while we were away, up to twenty seconds", () => {
    expect(createRunBudget(0).allowance(60_000)).toBeCloseTo(900);
    expect(createRunBudget(0).allowance(86_400_000)).toBe(20_000);
    expect(createRunBudget(null).allowance(86_400_000)).toBe(20_000);
  });
});

import { assert, boolean, constantFrom, integer, option, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { FEEDS, promisedIntervalMs } from "../src/poll/cadence.ts";
import { backOffMs } from "../src/reconcilers/back-off.ts";
import { bePatient } from "./patience.ts";

bePatient();

const facts = { isCostly: false, sweepSeconds: undefined, lastDurationMs: 0 };

describe("how often an instance is asked", () => {
  it("sweeps a costly Airflow 2 no more than once a minute, another every ten seconds", () => {
    expect(promisedIntervalMs("dags", { ...facts, isCostly: true })).toBe(60_000);
    expect(promisedIntervalMs("dags", facts)).toBe(10_000);
    expect(promisedIntervalMs("runs", { ...facts, isCostly: true })).toBeGreaterThanOrEqual(5_000);
  });

  it("takes at most 5 % of an instance's time with all feeds together, as long as a reading takes less than 4.5 s", () => {
    assert(
      property(
        integer({ min: 0, max: 4_500 }),
        boolean(),
        option(integer({ min: 1, max: 60 }), { nil: undefined }),
        (lastDurationMs, isCostly, sweepSeconds) => {
          const share = FEEDS.reduce(
            (sum, feed) => sum + lastDurationMs / promisedIntervalMs(feed, { isCostly, sweepSeconds, lastDurationMs }),
            0,
          );
          expect(share).toBeLessThanOrEqual(0.0501);
        },
      ),
    );
  });

  it("lets an instance ask for another sweep, but never for more than it can bear", () => {
    expect(promisedIntervalMs("dags", { ...facts, isCostly: true, sweepSeconds: 5 })).toBe(5_000);
    expect(promisedIntervalMs("dags", { ...facts, sweepSeconds: 5, lastDurationMs: 3_000 })).toBe(120_000);
    expect(promisedIntervalMs("dags", { ...facts, sweepSeconds: 3_600 })).toBe(3_600_000);
  });

  it("looks at the slowest instance every quarter of an hour", () => {
    expect(promisedIntervalMs("dags", { ...facts, lastDurationMs: 600_000 })).toBe(900_000);
  });
});

describe("backing off", () => {
  it("grows to its cap and is never less than half of its ceiling", () => {
    assert(
      property(integer({ min: 1, max: 2_000 }), constantFrom(0, 0.5, 0.999), (failures, random) => {
        const delay = backOffMs(failures, { firstMs: 100, capMs: 5_000, random: () => random });
        const ceiling = Math.min(5_000, 100 * 2 ** Math.min(failures - 1, 20));
        expect(delay).toBeGreaterThanOrEqual(ceiling / 2);
        expect(delay).toBeLessThanOrEqual(ceiling);
      }),
    );
  });
});

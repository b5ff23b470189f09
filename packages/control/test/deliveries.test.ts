import { describe, expect, it } from "vitest";
import { nextTryInMs, readRetryAfter, TRIES } from "../src/deliveries/retry-schedule.ts";

const none = (): number => 0;
const plan = (random: number) =>
  Array.from({ length: TRIES }, (_, index) => nextTryInMs(TRIES - index, { random: () => random }));

describe("when a delivery is tried again", () => {
  it("is after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, then never", () => {
    const seconds = plan(0).map((ms) => (ms === undefined ? "never" : ms / 1_000));
    expect(seconds).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, "never"]);
  });

  it("is spread by a tenth", () => {
    expect(plan(1)[0]).toBe(5_500);
    expect(plan(0.5)[8]).toBe(90_720_000);
  });

  it("is no sooner than the receiver asked, and no later than a day for its sake", () => {
    expect(nextTryInMs(TRIES, { random: none, retryAfterMs: 60_000 })).toBe(60_000);
    expect(nextTryInMs(TRIES - 2, { random: none, retryAfterMs: 60_000 })).toBe(1_800_000);
    expect(nextTryInMs(TRIES, { random: none, retryAfterMs: 999_999_999 })).toBe(86_400_000);
  });

  it("reads Retry-After as seconds or as a date", () => {
    const now = Date.parse("2026-11-21T10:00:00Z");
    expect(readRetryAfter("120", now)).toBe(120_000);
    expect(readRetryAfter("Sat, 21 Nov 2026 10:01:00 GMT", now)).toBe(60_000);
    expect(readRetryAfter("Sat, 21 Nov 2026 09:00:00 GMT", now)).toBe(0);
    expect(readRetryAfter("soon", now)).toBeUndefined();
    expect(readRetryAfter(null, now)).toBeUndefined();
  });
});

/**
 * Times for run ids, in epoch milliseconds with microseconds behind the point. No two calls of a process get the same:
 * a thousand items of a batch are asked for within one millisecond, and each wants its own run.
 */
export const createIntentTimes = (now: () => number): (() => number) => {
  let last = 0;
  return () => {
    // Counted in whole microseconds: sums of fractions would drift.
    last = Math.max(Math.round(now() * 1_000), last + 1);
    return last / 1_000;
  };
};

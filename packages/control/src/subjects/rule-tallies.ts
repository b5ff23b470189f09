import type { RuleTally } from "@airfleet/store";

const NOTHING: RuleTally = {
  matchedRuns: 0,
  subjects: 0,
  failures: 0,
  lastMatchedAt: null,
  lastError: null,
  lastErrorAt: null,
};

/** Long enough to say what is wrong, short enough for a list. */
const ERROR_LIMIT = 500;

/** Counts in memory, so that matching needs no store. */
export interface RuleTallies {
  matched(rule: string, subjects: number): void;
  failed(rule: string, error: string): void;
  /** What was counted, which then starts from nothing. */
  take(): ReadonlyMap<string, RuleTally>;
}

export const createRuleTallies = (now: () => number): RuleTallies => {
  let tallies = new Map<string, RuleTally>();
  const change = (rule: string, by: (tally: RuleTally) => Partial<RuleTally>): void => {
    const before = tallies.get(rule) ?? NOTHING;
    tallies.set(rule, { ...before, ...by(before) });
  };
  return {
    matched: (rule, subjects) =>
      change(rule, (tally) => ({
        matchedRuns: tally.matchedRuns + 1,
        subjects: tally.subjects + subjects,
        lastMatchedAt: now(),
      })),
    failed: (rule, error) =>
      change(rule, (tally) => ({
        failures: tally.failures + 1,
        lastError: error.slice(0, ERROR_LIMIT).toWellFormed(),
        lastErrorAt: now(),
      })),
    take() {
      const taken = tallies;
      tallies = new Map();
      return taken;
    },
  };
};

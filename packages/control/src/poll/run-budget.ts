import { RUNS_SHARE } from "./cadence.ts";

/**
 * How much of an instance's time the reading of its runs may take: a share of the time that passes. What it did not use,
 * while nothing happened or while we were away, it may spend at a stretch, so that a long list of changes is read in one
 * go and the instance has still given no more than its share.
 */
export interface RunBudget {
  /** Milliseconds that a reading may spend beyond what every reading may. */
  allowance(now: number): number;
  /** @returns what was spent beyond the share: to be made up for by waiting */
  spend(spentMs: number, now: number): number;
}

/** However long we were away: an instance that is read for longer at a stretch may be short of something. */
const SAVINGS_CAP_MS = 20_000;

/** @param idleSince When the feed was last read, epoch milliseconds; null when it never was: then nothing was used yet. */
export const createRunBudget = (idleSince: number | null): RunBudget => {
  /** Negative: owed. */
  let savedMs = idleSince === null ? SAVINGS_CAP_MS : 0;
  let at = idleSince;
  const save = (now: number): void => {
    if (at !== null && now > at) savedMs = Math.min(SAVINGS_CAP_MS, savedMs + RUNS_SHARE * (now - at));
    at = Math.max(at ?? now, now);
  };
  return {
    allowance(now) {
      save(now);
      return Math.max(0, savedMs);
    },
    spend(spentMs, now) {
      save(now);
      savedMs -= spentMs;
      return Math.max(0, -savedMs);
    },
  };
};

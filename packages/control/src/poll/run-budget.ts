import { RUNS_SHARE } from "./cadence.ts";

/** One call of the feed. */
export interface FeedCall {
  readonly tookMs: number;
  /** More pages follow: such a call is more work than one that finds little. */
  readonly isFull: boolean;
}

/**
 * How much of an instance's time the reading of its runs may take: a share of the time that passes. What it did not use,
 * while nothing happened or while we were away, it may spend at a stretch, so that a long list of changes is read in one
 * go and the instance has still given no more than its share.
 */
export interface RunBudget {
  /** Milliseconds that a reading may spend beyond what every reading may. */
  allowance(now: number): number;
  /**
   * What a call has cost the instance, in milliseconds. An answer that is late because the instance was busy with others
   * is not of our making: a call counts what the quickest of late took.
   */
  cost(call: FeedCall): number;
  /** @returns what was spent beyond the share: to be made up for by waiting, a minute at most */
  spend(spentMs: number, now: number): number;
}

/** However long we were away: an instance that is read for longer at a stretch may be short of something. */
const SAVINGS_CAP_MS = 20_000;
/** However slow an instance is, its runs are looked at once a minute. */
const LONGEST_WAIT_MS = 60_000;
/** Calls that the quickest is taken of: some minutes, so that a server which has become slower for good is believed. */
const RECENT_CALLS = 10;

/** @param idleSince When the feed was last read, epoch milliseconds; null when it never was: then nothing was used yet. */
export const createRunBudget = (idleSince: number | null): RunBudget => {
  /** Negative: owed. */
  let savedMs = idleSince === null ? SAVINGS_CAP_MS : 0;
  let at = idleSince;
  const recent = { full: [] as number[], last: [] as number[] };
  const save = (now: number): void => {
    if (at !== null && now > at) savedMs = Math.min(SAVINGS_CAP_MS, savedMs + RUNS_SHARE * (now - at));
    at = Math.max(at ?? now, now);
  };
  return {
    allowance(now) {
      save(now);
      return Math.max(0, savedMs);
    },
    cost({ tookMs, isFull }) {
      const calls = isFull ? recent.full : recent.last;
      calls.push(tookMs);
      if (calls.length > RECENT_CALLS) calls.shift();
      return Math.min(...calls);
    },
    spend(spentMs, now) {
      save(now);
      savedMs = Math.max(savedMs - spentMs, -LONGEST_WAIT_MS * RUNS_SHARE);
      return Math.max(0, -savedMs);
    },
  };
};

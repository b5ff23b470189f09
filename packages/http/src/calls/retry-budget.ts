import type { Clock } from "../clock.ts";

/** Retries allowed per request, on average: with a dead server the load grows by a fifth, not threefold. */
const SHARE = 0.2;
/** Retries that are always there, so that an instance that is rarely asked can have them too. */
const FLOOR = 3;
const FLOOR_REFILL_MS = 10_000;
const CAP = 10;

/** Bounds an instance's retries to a fifth of its requests, plus three per ten seconds (Envoy's figures). */
export interface RetryBudget {
  /** Counts a request; its share is what later retries are paid from. */
  deposit(): void;
  /** Takes one retry, or says that none is left. */
  withdraw(): boolean;
}

export const createRetryBudget = (clock: Clock): RetryBudget => {
  let saved = 0;
  let floor = FLOOR;
  let refilledAt = clock.monotonic();
  const refill = (): void => {
    const now = clock.monotonic();
    floor = Math.min(FLOOR, floor + ((now - refilledAt) / FLOOR_REFILL_MS) * FLOOR);
    refilledAt = now;
  };
  return {
    deposit: () => {
      saved = Math.min(CAP, saved + SHARE);
    },
    withdraw: () => {
      if (saved >= 1) {
        saved -= 1;
        return true;
      }
      refill();
      if (floor < 1) return false;
      floor -= 1;
      return true;
    },
  };
};

import type { BreakerState } from "@airfleet/engine";
import { BrokenCircuitError, CircuitState, circuitBreaker, handleWhen, type IBackoff, type IBreaker } from "cockatiel";
import type { Clock } from "../clock.ts";

const CONSECUTIVE_FAILURES = 5;
const WINDOW_MS = 10_000;
const WINDOW_MINIMUM = 20;
const WINDOW_SHARE = 0.5;
const OPEN_MS = 30_000;
const OPEN_CAP_MS = 300_000;

/** Opens after five failures in a row, or when at least half of at least twenty calls of the last ten seconds failed. */
const createTrippingRule = (clock: Clock): IBreaker => {
  let inARow = 0;
  let calls: { readonly at: number; readonly failed: boolean }[] = [];
  const record = (failed: boolean): void => {
    const now = clock.monotonic();
    calls.push({ at: now, failed });
    if (calls.length > 2_000 || (calls[0]?.at ?? now) < now - WINDOW_MS) {
      calls = calls.filter(({ at }) => at >= now - WINDOW_MS).slice(-1_000);
    }
  };
  return {
    state: undefined,
    success: (circuit) => {
      inARow = 0;
      if (circuit === CircuitState.HalfOpen) calls = [];
      record(false);
    },
    failure: (circuit) => {
      inARow += 1;
      record(true);
      if (circuit !== CircuitState.Closed) return true;
      const failed = calls.filter((call) => call.failed).length;
      return (
        inARow >= CONSECUTIVE_FAILURES || (calls.length >= WINDOW_MINIMUM && failed >= calls.length * WINDOW_SHARE)
      );
    },
  };
};

/** When an open breaker lets a call through again. */
interface OpenTimes {
  next(): IBackoff<unknown>;
  remainingMs(): number;
}

/** 30 s after the first opening, 60 s after the second, …, at most 300 s; ±10 % so that fleets do not probe together. */
const createOpenTimes = (clock: Clock, random: () => number): OpenTimes => {
  let endsAt = 0;
  const at = (opening: number): IBackoff<unknown> => {
    const duration = Math.min(OPEN_CAP_MS, OPEN_MS * opening) * (0.9 + random() * 0.2);
    endsAt = clock.monotonic() + duration;
    return { duration, next: () => at(opening + 1) };
  };
  return { next: () => at(1), remainingMs: () => Math.max(0, endsAt - clock.monotonic()) };
};

/** Thrown instead of calling while the instance is left alone. */
export class BreakerOpen extends Error {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super("the instance failed repeatedly and is left alone");
    this.name = "BreakerOpen";
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Stops calling an instance that keeps failing, and lets one call through now and then to see whether it is back. */
export interface Breaker {
  /** @throws {BreakerOpen} at once while open. */
  run<T>(call: () => Promise<T>): Promise<T>;
  state(): BreakerState;
}

/** `isFailure` says which errors speak against the instance; others (a refusal, the caller giving up) do not count. */
export const createBreaker = (clock: Clock, random: () => number, isFailure: (error: unknown) => boolean): Breaker => {
  const openTimes = createOpenTimes(clock, random);
  const policy = circuitBreaker(handleWhen(isFailure), {
    breaker: createTrippingRule(clock),
    halfOpenAfter: openTimes,
  });
  const open = (): BreakerOpen => new BreakerOpen(Math.max(1, Math.ceil(openTimes.remainingMs() / 1_000)));
  return {
    run: async (call) => {
      // cockatiel lets others wait for the outcome of the one probing call; a caller should rather hear "open" at once.
      if (policy.state === CircuitState.HalfOpen) throw open();
      try {
        return await policy.execute(call);
      } catch (error) {
        throw error instanceof BrokenCircuitError ? open() : error;
      }
    },
    state: () => {
      if (policy.state === CircuitState.Closed) return "closed";
      return policy.state === CircuitState.HalfOpen ? "half_open" : "open";
    },
  };
};

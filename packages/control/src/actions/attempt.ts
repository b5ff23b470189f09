import type { Exchange } from "@airfleet/engine";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { type Clock, pause } from "../clock.ts";
import type { Facts } from "./facts.ts";
import { mayHaveArrived } from "./lost-answer.ts";
import type { Attempt } from "./performer.ts";

/**
 * How far the write of an attempt has come. `none`: surely not carried out. `lost`: sent, by us or by an earlier
 * attempt, without an answer. `answered`: the instance said yes; what is missing is reading it back.
 */
export type SendState = "none" | "lost" | "answered";

export interface TrackedAttempt extends Attempt {
  /** When the write left, or the attempt began if there was none: what was read back is not older. Epoch milliseconds. */
  readBackSince(): number;
  sendState(): SendState;
}

/** The lease is gone: whoever has it now writes the outcome. */
export class LeaseLost extends Error {
  constructor() {
    super("the lease of this action was lost");
    this.name = "LeaseLost";
  }
}

interface AttemptOptions {
  readonly action: Attempt["action"];
  readonly earlier: Facts | null;
  /** It was noted already, when the action was recorded, that the first write leaves now. */
  readonly isMarked?: boolean;
  /** Notes in the store that the write leaves now; false when the lease was lost. */
  readonly markSent: (before: Facts) => Promise<boolean>;
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly deadlineAt: number;
  /** The instance's own limit for one operation, in milliseconds. */
  readonly callLimitMs: number;
  readonly expiredAt: number | null;
  /** Told of each request that a write makes. */
  readonly onExchange?: (exchange: Exchange) => void;
  readonly clock: Clock;
}

const isPassing = (error: unknown): boolean => isAirfleetError(error) && error.retryable;

export const createAttempt = (options: AttemptOptions): TrackedAttempt => {
  let isMarked = options.isMarked === true;
  const { action, earlier, markSent, signal, deadlineAt, callLimitMs, expiredAt, onExchange, clock } = options;
  let state: SendState = earlier === null ? "none" : "lost";
  let since = clock.now();

  const remainingMs = (): number => Math.max(0, deadlineAt - clock.now());
  const call = (): ReturnType<Attempt["call"]> => ({
    signal,
    timeoutMs: Math.max(1, Math.min(remainingMs(), callLimitMs)),
  });

  return {
    action,
    earlier,
    expiredAt,
    call,
    remainingMs,
    sendState: () => state,
    readBackSince: () => since,
    pause: (delayMs) => pause(clock, delayMs, signal),

    async send(before, write) {
      if (remainingMs() === 0) throw new AirfleetError("ACTION_OUT_OF_TIME");
      if (!isMarked && !(await markSent(before ?? {}))) throw new LeaseLost();
      isMarked = false;
      state = "lost";
      since = clock.now();
      try {
        const answer = await write(onExchange === undefined ? call() : { ...call(), onExchange });
        state = "answered";
        return answer;
      } catch (error) {
        // That this one surely did not arrive says nothing of an earlier one; a verdict of the instance does.
        if (!mayHaveArrived(error)) state = earlier !== null && isPassing(error) ? "lost" : "none";
        throw error;
      }
    },
  };
};

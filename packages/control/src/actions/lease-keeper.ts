import type { Clock } from "../clock.ts";

/** Keeps a lease alive while work is done under it, and ends the work when it is lost. */
export interface LeaseKeeper {
  /** Aborted when the lease was lost or has run out: no call may outlive it. */
  readonly signal: AbortSignal;
  stop(): void;
}

interface KeepOptions {
  /** Prolongs the lease; false when somebody else has it. */
  readonly renew: () => Promise<boolean>;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly clock: Clock;
}

/** Why the signal is aborted when nobody listens any more: a reason made anew would carry a stack each time. */
const OVER = new Error("the work under this lease is over");

/** Kept back from the lease, for calls to end before it does. */
const MARGIN_MS = 1_000;

export const keepLease = ({ renew, leaseMs, heartbeatMs, clock }: KeepOptions): LeaseKeeper => {
  const lost = new AbortController();
  let cancelBeat: () => void;
  let cancelEnd: () => void;

  const holdFrom = (from: number): void => {
    cancelEnd = clock.after(from + leaseMs - MARGIN_MS - clock.now(), () => lost.abort());
  };
  const beat = async (): Promise<void> => {
    const askedAt = clock.now();
    let held: boolean;
    try {
      held = await renew();
    } catch {
      // The store did not answer: the lease may still be ours until it ends, so ask again at the next beat.
      if (!lost.signal.aborted) cancelBeat = clock.after(heartbeatMs, () => void beat());
      return;
    }
    if (lost.signal.aborted) return;
    if (!held) {
      lost.abort();
      return;
    }
    cancelEnd();
    holdFrom(askedAt);
    cancelBeat = clock.after(heartbeatMs, () => void beat());
  };

  holdFrom(clock.now());
  cancelBeat = clock.after(heartbeatMs, () => void beat());
  return {
    signal: lost.signal,
    stop() {
      cancelBeat();
      cancelEnd();
      // A beat that is under way must not start the timers again.
      lost.abort(OVER);
    },
  };
};

import type { CallOptions, Exchange } from "@airfleet/engine";
import type { Clock } from "../clock.ts";

/** The end of one operation, shared by all its requests, retries and pages. */
export interface Deadline extends Disposable {
  /** Aborted when the time is over or the caller gave up. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  remainingMs(): number;
  /** Whether the time is over; false when the caller gave up. */
  isOver(): boolean;
  /** Told of each request of the operation. */
  readonly onExchange: ((exchange: Exchange) => void) | undefined;
}

/** Starts the clock of one operation; with an infinite time only the caller ends it. Dispose it when the operation ends. */
export const startDeadline = (clock: Clock, options: CallOptions, defaultMs: number): Deadline => {
  const timeoutMs = options.timeoutMs ?? defaultMs;
  const endsAt = clock.monotonic() + timeoutMs;
  const controller = new AbortController();
  const outer = options.signal;
  let over = false;
  const expire = (): void => {
    over = true;
    controller.abort(new DOMException(`${timeoutMs} ms are over`, "TimeoutError"));
  };
  const cancelTimer = Number.isFinite(timeoutMs) ? clock.after(timeoutMs, expire) : (): void => undefined;
  const onOuterAbort = (): void => {
    // AbortSignal.timeout() of the caller is a deadline as well, only not ours.
    over ||= outer?.reason instanceof DOMException && outer.reason.name === "TimeoutError";
    controller.abort(outer?.reason);
  };
  if (outer?.aborted === true) onOuterAbort();
  else outer?.addEventListener("abort", onOuterAbort, { once: true });
  return {
    signal: controller.signal,
    timeoutMs,
    remainingMs: () => Math.max(0, endsAt - clock.monotonic()),
    isOver: () => over,
    onExchange: options.onExchange,
    [Symbol.dispose]: () => {
      cancelTimer();
      outer?.removeEventListener("abort", onOuterAbort);
    },
  };
};

/** Thrown when the waiting room is full. */
export class BulkheadFull extends Error {
  readonly waiting: number;

  constructor(waiting: number) {
    super(`${waiting} calls are waiting`);
    this.name = "BulkheadFull";
    this.waiting = waiting;
  }
}

/** Bounds the calls in flight to one instance, and those that may wait for a place. */
export interface Bulkhead {
  /** @throws {BulkheadFull} at once when nobody more may wait; the signal's reason when it is aborted while waiting. */
  run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T>;
  readonly waiting: number;
  readonly inFlight: number;
}

/**
 * Ours rather than cockatiel's: its bulkhead notices an aborted waiter only when a place becomes free, so behind a
 * hanging server a deadline of one second would be answered after thirty.
 */
export const createBulkhead = (places: number, waitingRoom: number): Bulkhead => {
  let inFlight = 0;
  const queue = new Set<() => void>();
  const leave = (): void => {
    const [next] = queue;
    if (next === undefined) inFlight -= 1;
    else next();
  };
  const enter = (signal: AbortSignal): Promise<void> | undefined => {
    if (inFlight < places) {
      inFlight += 1;
      return undefined;
    }
    if (queue.size >= waitingRoom) throw new BulkheadFull(queue.size);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        queue.delete(admit);
        reject(signal.reason);
      };
      // The place passes from the leaver to the admitted, so `inFlight` stays as it is.
      const admit = (): void => {
        queue.delete(admit);
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      queue.add(admit);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  };
  return {
    run: async (call, signal) => {
      signal.throwIfAborted();
      const wait = enter(signal);
      if (wait !== undefined) await wait;
      try {
        return await call();
      } finally {
        leave();
      }
    },
    get waiting() {
      return queue.size;
    },
    get inFlight() {
      return inFlight;
    },
  };
};

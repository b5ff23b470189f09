/** Wakes whoever waits for something to change. Missing one does no harm: waiters look again by themselves. */
export interface Pulse {
  beat(): void;
  /** Resolves at the next beat, or when the signal is aborted. */
  next(signal: AbortSignal): Promise<void>;
}

export const createPulse = (): Pulse => {
  const waiting = new Set<() => void>();
  return {
    beat() {
      for (const wake of waiting) wake();
    },
    next: (signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          waiting.delete(end);
          signal.removeEventListener("abort", end);
          resolve();
        };
        waiting.add(end);
        signal.addEventListener("abort", end, { once: true });
        if (signal.aborted) end();
      }),
  };
};

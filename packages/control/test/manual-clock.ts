import type { Clock } from "../src/index.ts";

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  private time: number;
  private timers: { readonly at: number; readonly run: () => void }[] = [];

  constructor(time = 1_000_000) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.time + delayMs, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass; timers that are due run in order, and what they set off gets its turn. */
  async advance(byMs: number): Promise<void> {
    const end = this.time + byMs;
    for (;;) {
      await settle();
      const next = this.timers.toSorted((left, right) => left.at - right.at)[0];
      if (next === undefined || next.at > end) break;
      this.time = Math.max(this.time, next.at);
      this.timers = this.timers.filter((timer) => timer !== next);
      next.run();
    }
    this.time = end;
    await settle();
  }
}

/** Lets everything that waits for nothing but its turn have it. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

import type { Clock } from "./clock.ts";
import type { Micros } from "./instant.ts";
import { createTimerHeap } from "./timer-heap.ts";

/** Node fires a longer timer at once, so far wake-ups are approached in steps. */
const LONGEST_TIMER_MS = 2_000_000_000;

export interface RealClockOptions {
  /** How many seconds pass here in one real second. Default 1. */
  readonly rate?: number;
  /** Where the clock starts. Default: the system's time. */
  readonly start?: Micros;
}

const realNow = (): Micros => Math.round((performance.timeOrigin + performance.now()) * 1000);

/** Time that passes by itself. One system timer, set for the earliest wake-up, and never holding the process open. */
export const createRealClock = ({ rate = 1, start }: RealClockOptions = {}): Clock => {
  const heap = createTimerHeap();
  const origin = realNow();
  const first = start ?? origin;
  const now = (): Micros => (rate === 1 ? first + realNow() - origin : first + Math.round((realNow() - origin) * rate));
  let timer: NodeJS.Timeout | undefined;
  let armedFor: Micros | undefined;
  let closed = false;

  const run = (): void => {
    armedFor = undefined;
    for (let due = heap.takeDue(now()); due !== undefined; due = heap.takeDue(now())) due.task();
    arm();
  };

  const arm = (): void => {
    const next = heap.next();
    if (closed || next === undefined || (armedFor !== undefined && armedFor <= next)) return;
    clearTimeout(timer);
    armedFor = next;
    const delayMs = Math.max(0, (next - now()) / rate / 1000);
    timer = setTimeout(run, Math.min(Math.ceil(delayMs), LONGEST_TIMER_MS));
    timer.unref();
  };

  return {
    now,
    at: (when, task) => {
      const entry = heap.add(when, task);
      arm();
      return entry;
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      heap.clear();
    },
  };
};

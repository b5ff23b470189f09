import type { Clock } from "./clock.ts";
import { type Micros, SECOND } from "./instant.ts";
import { createTimerHeap } from "./timer-heap.ts";

/** Time that passes only when told, for tests without sleeps. */
export interface ManualClock extends Clock {
  /** Lets this many seconds pass; everything due on the way happens in order, each at its own time. */
  advance(seconds: number): void;
}

/** @param start ISO date or microseconds. Default 2026-11-20T12:00:00Z. */
export const createManualClock = (start: string | Micros = "2026-11-20T12:00:00Z"): ManualClock => {
  const heap = createTimerHeap();
  let now: Micros = typeof start === "number" ? start : Date.parse(start) * 1000;
  return {
    now: () => now,
    at: (when, task) => heap.add(when, task),
    advance: (seconds) => {
      const end = now + Math.round(seconds * SECOND);
      for (let due = heap.takeDue(end); due !== undefined; due = heap.takeDue(end)) {
        now = Math.max(now, due.when);
        due.task();
      }
      now = end;
    },
    close: () => heap.clear(),
  };
};

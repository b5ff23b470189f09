import type { Micros } from "./instant.ts";

/** A pending wake-up. */
export interface Timer {
  cancel(): void;
}

/** Where a simulator takes its time from; one clock drives any number of instances with a single system timer. */
export interface Clock {
  now(): Micros;
  /** Calls `task` once when the time has come; at once (but not within this call) when it has passed. */
  at(when: Micros, task: () => void): Timer;
  /** Ends the driver; no task is called any more. */
  close(): void;
}

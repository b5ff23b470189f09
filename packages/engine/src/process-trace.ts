import type { Instant, TaskAddress } from "@airfleet/model";

/** Which process to look for in the log of its try. */
export interface TraceRequest extends TaskAddress {
  /** 1 is the first try. */
  readonly tryNumber: number;
  /** The pid that the engine names for the try; null where it names none. */
  readonly pid: number | null;
}

/**
 * What the log of a try tells of the process that ran it, as its supervisor on the worker wrote it down; what the task's
 * own code prints is no evidence.
 *
 *  - `ended`: the supervisor saw that the process was gone.
 *  - `ending`: it has begun to end it, and has not yet seen it gone.
 *  - `silent`: there is a log, and it says neither.
 */
export interface ProcessTrace {
  readonly kind: "ended" | "ending" | "silent";
  /** When the line that tells was written, by the worker's clock. Of a silent log, when its last dated line was. */
  readonly at: Instant | null;
  /** The line that tells; null of a silent log. */
  readonly line: string | null;
  /** Lines that the log has: when it grows, somebody is writing. */
  readonly lines: number;
}

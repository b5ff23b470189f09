import { type Clock, pause } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { backOffMs } from "./back-off.ts";

/** A reconciler's engine: does a step, sleeps as long as the step says, does it again, until it is stopped. */
export interface Loop {
  start(): void;
  /** Cuts the present sleep short, or lets the step in progress be followed by another one at once. */
  wake(): void;
  /** Aborts the sleep, lets the step in progress end, and answers when nothing runs any more. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  readonly name: string;
  /** One step. Answers how long to sleep, in milliseconds. A step that throws is logged and repeated with back-off. */
  readonly step: (signal: AbortSignal) => Promise<number>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Sleep before the first step, spread over this many milliseconds so that loops do not run in step. */
  readonly spreadMs?: number;
}

const FIRST_FAILURE_MS = 250;
const FAILURE_CAP_MS = 15_000;

/** Level-triggered: a step looks at how things are, so a missed or doubled wake-up does no harm. */
export const createLoop = ({ name, step, clock, logger, random, spreadMs = 0 }: LoopOptions): Loop => {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let sleeping: AbortController | undefined;
  let woken = false;

  const sleep = async (delayMs: number): Promise<void> => {
    if (woken || stopping.signal.aborted) {
      woken = false;
      return;
    }
    sleeping = new AbortController();
    await pause(clock, delayMs, sleeping.signal);
    sleeping = undefined;
    woken = false;
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    await sleep(Math.round(random() * spreadMs));
    while (!stopping.signal.aborted) {
      let delayMs: number;
      try {
        delayMs = await step(stopping.signal);
        failures = 0;
      } catch (error) {
        failures += 1;
        delayMs = backOffMs(failures, { firstMs: FIRST_FAILURE_MS, capMs: FAILURE_CAP_MS, random });
        if (!stopping.signal.aborted) logger.warn({ err: error, loop: name, failures }, "a reconciler's step failed");
      }
      await sleep(delayMs);
    }
  };

  return {
    start() {
      running ??= run();
    },
    wake() {
      woken = true;
      sleeping?.abort();
    },
    async stop() {
      stopping.abort();
      sleeping?.abort();
      await running;
    },
  };
};

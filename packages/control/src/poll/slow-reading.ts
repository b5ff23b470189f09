import type { InstanceId } from "@airfleet/model";
import { isAirfleetError } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import { backOffMs } from "../reconcilers/back-off.ts";
import type { RunReader } from "../runs/run-reader.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import type { TaskReader } from "../runs/task-reader.ts";
import { CHORES_SHARE } from "./cadence.ts";
import { createGoneSweep } from "./gone-sweep.ts";
import { createRunHistory } from "./run-history.ts";

/** How far back an instance is read that we have never seen: in days, and in runs at most. */
export interface HistoryBounds {
  readonly days: number;
  readonly runs: number;
}

/** What is read of an instance while its feeds have nothing to do: first its past, then which runs it has no more. */
export interface SlowReading {
  /** Does one bit when it is time. Never throws for what the instance did: no feed depends on it. */
  step(signal: AbortSignal): Promise<void>;
  /** When it is time again, epoch milliseconds. */
  nextAt(): number;
}

interface SlowPorts {
  readonly registry: InstanceRegistry;
  readonly store: Store;
  readonly tracker: RunTracker;
  readonly tasks: TaskReader;
  readonly reader: RunReader;
  readonly history: HistoryBounds;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** The past is read once, and people wait to see it: meanwhile it may have more of the instance's time. */
const HISTORY = { everyMs: 1_000, share: 0.02 } as const;
const GONE = { everyMs: 60_000, share: CHORES_SHARE } as const;
/** However slow an instance is, it is swept. */
const LONGEST_MS = 15 * 60_000;

export const createSlowReading = (instance: InstanceId, ports: SlowPorts): SlowReading => {
  const { registry, store, tracker, tasks, reader, history, clock, logger, random } = ports;
  const past = createRunHistory({
    instance,
    store,
    tracker,
    tasks,
    clock,
    historyDays: history.days,
    historyRuns: history.runs,
  });
  const sweep = createGoneSweep({ instance, store, tracker, tasks, reader, clock });
  let isPastRead = false;
  let failures = 0;
  // After the first reading of every feed.
  let nextAt = clock.now() + HISTORY.everyMs;

  const work = async (signal: AbortSignal): Promise<void> => {
    const { everyMs, share } = isPastRead ? GONE : HISTORY;
    const chore = isPastRead ? sweep : past;
    const spentMs = await registry.use(instance, (engine) => chore.step(engine, signal));
    failures = 0;
    if (spentMs === undefined) isPastRead = true;
    nextAt = clock.now() + (spentMs === undefined ? 0 : Math.max(everyMs, Math.min(LONGEST_MS, spentMs / share)));
  };

  return {
    nextAt: () => nextAt,
    async step(signal) {
      if (clock.now() < nextAt) return;
      try {
        await work(signal);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        const reason = isAirfleetError(error) ? error.code : String(error);
        logger.debug({ err: error, instance, reason }, "the slow reading of an instance failed");
        nextAt = clock.now() + backOffMs(failures, { firstMs: GONE.everyMs, capMs: LONGEST_MS, random });
      }
    },
  };
};

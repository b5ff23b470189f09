import type { Dag, InstanceId, RunObservation } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { RunTracker } from "./run-tracker.ts";

interface AcceptedPorts {
  readonly store: Pick<Store, "dags">;
  readonly tracker: Pick<RunTracker, "note">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What triggers have learned on the way, written behind their answers. */
export interface AcceptedRuns {
  add(instance: InstanceId, news: { readonly dag: Dag | undefined; readonly runs: readonly RunObservation[] }): void;
  /** Writes what waits, and answers when nothing is left. */
  flush(): Promise<void>;
}

/** Who triggers once often triggers again: what comes within this time is written at once. */
const GATHER_MS = 25;
/** From one writing to the next while there are many. Writing runs together costs a fraction of writing each. */
const EVERY_MS = 200;

interface Waiting {
  /** When the first of them was told, epoch milliseconds. */
  readonly since: number;
  readonly dags: Dag[];
  readonly runs: RunObservation[];
}

/**
 * Keeps the runs of accepted triggers for a moment, and writes those of an instance together. Nothing is lost with the
 * process: the trigger itself is recorded as accepted, and the next poll brings its run.
 */
export const createAcceptedRuns = ({ store, tracker, clock, logger }: AcceptedPorts): AcceptedRuns => {
  let waiting = new Map<InstanceId, Waiting>();
  let writing: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;
  let writtenAt = 0;
  /** One reading serves many triggers. */
  const shown = new WeakSet<Dag>();

  const writeOne = async (instance: InstanceId, { since, dags, runs }: Waiting): Promise<void> => {
    try {
      await Promise.all([
        dags.length === 0 ? undefined : store.dags.observe(instance, dags, since),
        runs.length === 0 ? undefined : tracker.note(instance, runs),
      ]);
    } catch (error) {
      logger.warn({ err: error, instance }, "the readings of triggers were not stored; the next poll brings them");
    }
  };

  const write = async (): Promise<void> => {
    const taken = waiting;
    waiting = new Map();
    writtenAt = clock.now();
    await Promise.all([...taken].map(([instance, own]) => writeOne(instance, own)));
  };

  const start = (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    writing ??= write().finally(() => {
      writing = undefined;
      if (waiting.size > 0) schedule();
    });
    return writing;
  };

  const schedule = (): void => {
    if (writing !== undefined) return;
    const dueIn = Math.max(GATHER_MS, writtenAt + EVERY_MS - clock.now());
    cancelTimer ??= clock.after(Math.min(dueIn, EVERY_MS), () => void start());
  };

  return {
    add(instance, { dag, runs }) {
      const own = waiting.get(instance) ?? { since: clock.now(), dags: [], runs: [] };
      if (dag !== undefined && !shown.has(dag)) {
        shown.add(dag);
        own.dags.push(dag);
      }
      own.runs.push(...runs);
      if (own.dags.length + own.runs.length === 0) return;
      waiting.set(instance, own);
      schedule();
    },
    async flush() {
      await writing;
      while (waiting.size > 0) await start();
    },
  };
};

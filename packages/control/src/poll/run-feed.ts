import type { Engine } from "@airfleet/engine";
import type { InstanceId, Run } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import type { TaskReader } from "../runs/task-reader.ts";
import { readRuns } from "./read-runs.ts";
import { createRunBudget } from "./run-budget.ts";
import { fromWatermark, type RunFeedPlace, toWatermark } from "./run-feed-place.ts";

/** What one reading of the feed cost, and where it ended. */
export interface FeedReading {
  /** Of the instance's time, beyond its share: to be made up for by waiting. */
  readonly owedMs: number;
  readonly watermark: string | null;
  /** A run that we triggered is under way. */
  readonly isEager: boolean;
}

/** The runs of one instance that changed, whoever started or changed them. */
export interface RunFeed {
  read(engine: Engine, signal: AbortSignal): Promise<FeedReading>;
}

interface FeedPorts {
  readonly instance: InstanceId;
  readonly store: Pick<Store, "runs">;
  readonly tracker: RunTracker;
  readonly tasks: TaskReader;
  readonly clock: Clock;
  /** Where an earlier process came to, and when. */
  readonly watermark: string | null;
  readonly idleSince: number | null;
  /** Writes down where a long walk has come to. */
  readonly keep: (watermark: string) => Promise<void>;
}

/** A walk over many pages is written down this often; a short one only at its end. */
const KEEP_EVERY_MS = 1_000;

/** Runs under way that are looked at for one of ours. */
const LIVE_RUNS = 200;

/**
 * A page is taken into the store before the place moves behind it, and the place is kept only then: whoever is killed in
 * between reads the page again, which changes nothing.
 */
export const createRunFeed = (ports: FeedPorts): RunFeed => {
  const { instance, store, tracker, tasks, clock, watermark, idleSince, keep } = ports;
  const budget = createRunBudget(idleSince);
  let place: RunFeedPlace = fromWatermark(watermark);

  const take = async (engine: Engine, runs: readonly Run[], at: number, signal: AbortSignal): Promise<void> => {
    if (runs.length === 0) return;
    const changes = await tracker.note(
      instance,
      runs.map((run) => ({ kind: "read", dagId: run.dagId, runId: run.runId, source: "poll", at, run })),
    );
    await tasks.follow(engine, changes, signal);
    await tasks.catchUp(engine, runs, signal);
  };

  const isOursLive = async (): Promise<boolean> =>
    (await store.runs.listLive(instance, LIVE_RUNS)).some(({ triggerId }) => triggerId !== null);

  return {
    async read(engine, signal) {
      let keptAt = clock.now();
      const spentMs = await readRuns(engine, place, {
        signal,
        budgetMs: budget.allowance(clock.now()),
        costOf: (call) => budget.cost(call),
        now: () => tracker.timeOf(instance),
        take: (runs, begunAt) => take(engine, runs, begunAt, signal),
        moved: async (next) => {
          place = next;
          const reached = toWatermark(place);
          if (place.next === null || reached === null || clock.now() - keptAt < KEEP_EVERY_MS) return;
          await keep(reached);
          keptAt = clock.now();
        },
      });
      const owedMs = budget.spend(spentMs, clock.now());
      return { owedMs, watermark: toWatermark(place), isEager: await isOursLive() };
    },
  };
};

import type { Engine } from "@airfleet/engine";
import type { InstanceId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import type { TaskReader } from "../runs/task-reader.ts";
import { createKeptProgress } from "./kept-progress.ts";

/** A piece of work that is done bit by bit while there is nothing more urgent. */
export interface Chore {
  /** One bit. @returns milliseconds of the instance's time that it took; undefined when there is nothing left to do */
  step(engine: Engine, signal: AbortSignal): Promise<number | undefined>;
}

interface HistoryPorts {
  readonly instance: InstanceId;
  readonly store: Pick<Store, "readings">;
  readonly tracker: RunTracker;
  readonly tasks: TaskReader;
  readonly clock: Clock;
  /** How far back an instance is read that we have never seen, and how many runs at most. */
  readonly historyDays: number;
  readonly historyRuns: number;
}

/** Rows per call: about half a megabyte, and a second of an Airflow 2 that is not quick. */
const PAGE_ROWS = 500;
const DAY_MS = 86_400_000;

const Progress = z.object({
  from: z.string(),
  to: z.string(),
  after: z.string().nullable(),
  read: z.number(),
  done: z.boolean(),
});
type Progress = z.infer<typeof Progress>;

const parseProgress = (text: string | undefined): Progress | undefined => {
  if (text === undefined) return undefined;
  const parsed = Progress.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
};

/**
 * Reads the runs that an instance had before we knew it, newest first. Behind the feed, page by page: what happens now
 * is never kept waiting for what happened last week.
 */
export const createRunHistory = (ports: HistoryPorts): Chore => {
  const { instance, store, tracker, tasks, clock, historyDays, historyRuns } = ports;
  const kept = createKeptProgress(store, instance, "runs.history");
  let progress: Progress | undefined;

  const begin = (): Progress => {
    const now = tracker.timeOf(instance);
    return {
      from: new Date(now - historyDays * DAY_MS).toISOString(),
      // Runs that are due later are few, and change before they begin: the feed brings them.
      to: new Date(now + DAY_MS).toISOString(),
      after: null,
      read: 0,
      done: historyDays === 0 || historyRuns === 0,
    };
  };

  return {
    async step(engine, signal) {
      progress ??= parseProgress(await kept.load()) ?? begin();
      if (progress.done) return undefined;
      const { from, to, after, read } = progress;
      const { dateless } = await engine.capabilities({ signal });
      const attemptedAt = clock.now();
      const at = tracker.timeOf(instance);
      const startedAt = performance.now();
      const page = await engine.listRuns(
        {
          window: { by: dateless ? "runAfter" : "logicalDate", from, to },
          limit: Math.min(PAGE_ROWS, historyRuns - read),
          ...(after === null ? {} : { after }),
        },
        { signal },
      );
      const durationMs = performance.now() - startedAt;
      const changes = await tracker.note(
        instance,
        page.items.map((run) => ({ kind: "read", dagId: run.dagId, runId: run.runId, source: "poll", at, run })),
      );
      await tasks.follow(engine, changes, signal);
      const total = read + page.items.length;
      progress = { from, to, after: page.next, read: total, done: page.next === null || total >= historyRuns };
      await kept.save(JSON.stringify(progress), { attemptedAt, durationMs });
      return durationMs;
    },
  };
};

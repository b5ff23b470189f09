import { type Engine, isHollowSuccess } from "@airfleet/engine";
import {
  type InstanceId,
  isTerminalRunState,
  type Run,
  type RunAddress,
  type RunKey,
  type RunObservation,
  type TaskInstance,
} from "@airfleet/model";
import { type RunChange, runKeyOf, type Store, type StoredRun } from "@airfleet/store";
import type { RunTracker } from "./run-tracker.ts";
import type { TryReader } from "./try-reader.ts";

/** Keeps the tasks of runs that are worth it: those that failed, that have subjects, or that somebody watches. */
export interface TaskReader {
  /**
   * Reads the tasks of those runs among the changed ones that are worth it, a hundred runs per call, and keeps them. A
   * success whose tasks were all removed did nothing: it is noted as hollow.
   */
  follow(engine: Engine, changes: readonly RunChange[], signal: AbortSignal): Promise<void>;
  /**
   * The same for runs as the feed shows them, changed or not: an end may have been learned of elsewhere, by an action, a
   * report, another process, or by one that was killed before it had read the tasks.
   */
  catchUp(engine: Engine, runs: readonly Run[], signal: AbortSignal): Promise<void>;
}

interface TaskReaderPorts {
  readonly store: Pick<Store, "runs">;
  readonly tracker: RunTracker;
  readonly tries: TryReader;
  readonly isWatched: (instance: InstanceId, run: RunAddress) => boolean;
  /** Whether the instance may call a run that did nothing a success, as Airflow 2 does. */
  readonly mayBeHollow: (instance: InstanceId) => boolean;
}

/** Runs per call; the engine takes so many in one request. */
const RUNS_PER_CALL = 100;
/**
 * A success within so short a time is looked at more closely where it may be hollow: such a run ends as soon as the
 * scheduler first looks at it. One that did something takes a second at least, unless all its tasks are empty ones.
 */
const SUSPICIOUS_MS = 2_000;

const nameOf = ({ dagId, runId }: RunAddress): string => `${dagId}\n${runId}`;

/** Ends that are remembered as done with; when there are more, the store is asked once more for each. */
const SETTLED_RUNS = 20_000;

/** One end of a run: another attempt ends another time. */
const endOf = (key: RunKey, run: Pick<Run, "startedAt" | "endedAt"> | undefined): string =>
  `${key} ${run?.startedAt ?? ""} ${run?.endedAt ?? ""}`;

const durationMs = ({ record: { read } }: StoredRun): number => {
  const { startedAt, endedAt } = read?.run ?? { startedAt: null, endedAt: null };
  return startedAt === null || endedAt === null
    ? Number.POSITIVE_INFINITY
    : Date.parse(endedAt) - Date.parse(startedAt);
};

/** Epoch milliseconds; an engine that does not say when has ended it some time. */
const endedAt = ({ record: { read } }: StoredRun): number => Date.parse(read?.run.endedAt ?? "") || 1;

/** Runs of which only the tasks tell that they did nothing. */
const toHollow = (
  runs: readonly StoredRun[],
  tasks: ReadonlyMap<string, readonly TaskInstance[]>,
): readonly RunObservation[] =>
  runs.flatMap(({ record: { dagId, runId, read } }) => {
    if (read?.run.state !== "success" || !isHollowSuccess(tasks.get(nameOf({ dagId, runId })) ?? [])) return [];
    return [{ kind: "read", dagId, runId, source: "poll", at: read.at, run: read.run, hollow: true }];
  });

export const createTaskReader = ({ store, tracker, tries, isWatched, mayBeHollow }: TaskReaderPorts): TaskReader => {
  /** Ends of runs whose tasks were read, or found to be kept, by this process. */
  const settled = new Set<string>();

  const settle = ({ key, record: { read } }: StoredRun): void => {
    if (settled.size >= SETTLED_RUNS) settled.clear();
    settled.add(endOf(key, read?.run));
  };

  const isWorthIt = (instance: InstanceId, run: StoredRun): boolean => {
    const { state, goneAt, read } = run.record;
    if (goneAt !== null || read === null) return false;
    if (isWatched(instance, run.record)) return true;
    if (!isTerminalRunState(state)) return false;
    if (state !== "success" || run.subjectsTotal > 0) return true;
    return mayBeHollow(instance) && durationMs(run) < SUSPICIOUS_MS;
  };

  const readBatch = async (engine: Engine, runs: readonly StoredRun[], signal: AbortSignal): Promise<void> => {
    const { instance } = engine;
    const at = tracker.timeOf(instance);
    const addresses = runs.map(({ record: { dagId, runId } }) => ({ dagId, runId }));
    const tasks = Map.groupBy(await engine.listTaskInstances({ runs: addresses }, { signal }), nameOf);
    // Before the tasks are kept: whose tasks are, is not looked at again.
    const hollow = mayBeHollow(instance) ? toHollow(runs, tasks) : [];
    if (hollow.length > 0) await tracker.note(instance, hollow);
    await store.runs.putTasks(
      runs.map(({ key, record }) => ({ key, tasks: tasks.get(nameOf(record)) ?? [] })),
      at,
    );
    await tries.follow(engine, runs, ({ record }) => tasks.get(nameOf(record)) ?? [], signal);
    for (const run of runs) settle(run);
  };

  const readAll = async (engine: Engine, runs: readonly StoredRun[], signal: AbortSignal): Promise<void> => {
    for (let start = 0; start < runs.length; start += RUNS_PER_CALL) {
      await readBatch(engine, runs.slice(start, start + RUNS_PER_CALL), signal);
    }
  };

  return {
    async follow(engine, changes, signal) {
      const runs = new Map(changes.map(({ run }) => [run.key, run]));
      await readAll(
        engine,
        [...runs.values()].filter((run) => isWorthIt(engine.instance, run)),
        signal,
      );
    },

    async catchUp(engine, runs, signal) {
      const { instance } = engine;
      const unsettled = runs.filter(
        (run) => isTerminalRunState(run.state) && !settled.has(endOf(runKeyOf({ instance, ...run }), run)),
      );
      if (unsettled.length === 0) return;
      const worth = (await store.runs.findMany(instance, unsettled)).filter((run) => isWorthIt(instance, run));
      const readAt = await store.runs.tasksReadAt(worth.map(({ key }) => key));
      const missing: StoredRun[] = [];
      for (const run of worth) {
        // Tasks that were read before the end are as they were then.
        if ((readAt.get(run.key) ?? 0) < endedAt(run)) missing.push(run);
        else settle(run);
      }
      await readAll(engine, missing, signal);
    },
  };
};

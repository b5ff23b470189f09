import { type Engine, isHollowSuccess } from "@airfleet/engine";
import {
  type InstanceId,
  isTerminalRunState,
  type RunAddress,
  type RunObservation,
  type TaskInstance,
} from "@airfleet/model";
import type { RunChange, Store, StoredRun } from "@airfleet/store";
import type { RunTracker } from "./run-tracker.ts";

/** Keeps the tasks of runs that are worth it: those that failed, that have subjects, or that somebody watches. */
export interface TaskReader {
  /**
   * Reads the tasks of those runs among the changed ones that are worth it, a hundred runs per call, and keeps them. A
   * success whose tasks were all removed did nothing: it is noted as hollow.
   */
  follow(engine: Engine, changes: readonly RunChange[], signal: AbortSignal): Promise<void>;
  /** The same for runs that were read again after a restart, where the tasks had not been kept in time. */
  catchUp(engine: Engine, runs: readonly RunAddress[], signal: AbortSignal): Promise<void>;
}

interface TaskReaderPorts {
  readonly store: Pick<Store, "runs">;
  readonly tracker: RunTracker;
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

const durationMs = ({ record: { read } }: StoredRun): number => {
  const { startedAt, endedAt } = read?.run ?? { startedAt: null, endedAt: null };
  return startedAt === null || endedAt === null
    ? Number.POSITIVE_INFINITY
    : Date.parse(endedAt) - Date.parse(startedAt);
};

export const createTaskReader = ({ store, tracker, isWatched, mayBeHollow }: TaskReaderPorts): TaskReader => {
  const isWorthIt = (instance: InstanceId, run: StoredRun): boolean => {
    const { state, goneAt, read } = run.record;
    if (goneAt !== null || read === null) return false;
    if (isWatched(instance, run.record)) return true;
    if (!isTerminalRunState(state)) return false;
    if (state !== "success" || run.subjectsTotal > 0) return true;
    return mayBeHollow(instance) && durationMs(run) < SUSPICIOUS_MS;
  };

  /** Runs of which only the tasks tell that they did nothing. */
  const toHollow = (runs: readonly StoredRun[], tasks: ReadonlyMap<string, readonly TaskInstance[]>, at: number) =>
    runs.flatMap(({ record }): readonly RunObservation[] => {
      const { read, dagId, runId } = record;
      if (read?.run.state !== "success" || !isHollowSuccess(tasks.get(nameOf(record)) ?? [])) return [];
      return [{ kind: "read", dagId, runId, source: "poll", at: Math.min(at, read.at), run: read.run, hollow: true }];
    });

  const readBatch = async (engine: Engine, runs: readonly StoredRun[], signal: AbortSignal): Promise<void> => {
    const { instance } = engine;
    const at = tracker.timeOf(instance);
    const addresses = runs.map(({ record: { dagId, runId } }) => ({ dagId, runId }));
    const rows = await engine.listTaskInstances({ runs: addresses }, { signal });
    const tasks = Map.groupBy(rows, nameOf);
    for (const { key, record } of runs) await store.runs.putTasks(key, tasks.get(nameOf(record)) ?? [], at);
    const hollow = mayBeHollow(instance) ? toHollow(runs, tasks, at) : [];
    if (hollow.length > 0) await tracker.note(instance, hollow);
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

    async catchUp(engine, addresses, signal) {
      const known = await store.runs.findMany(engine.instance, addresses);
      const missing: StoredRun[] = [];
      for (const run of known) {
        if (!isTerminalRunState(run.record.state) || !isWorthIt(engine.instance, run)) continue;
        if ((await store.runs.tasks(run.key)).length === 0) missing.push(run);
      }
      await readAll(engine, missing, signal);
    },
  };
};

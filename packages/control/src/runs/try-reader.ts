import type { Engine } from "@airfleet/engine";
import { isAirfleetError, isTerminalRunState, type TaskInstance } from "@airfleet/model";
import type { Store, StoredRun } from "@airfleet/store";
import type { RunTracker } from "./run-tracker.ts";

/** Reads the earlier tries of tasks that were tried more than once, where their runs have ended. */
export interface TryReader {
  /** @param tasksOf The tasks of a run as they were just read. */
  follow(
    engine: Engine,
    runs: readonly StoredRun[],
    tasksOf: (run: StoredRun) => readonly TaskInstance[],
    signal: AbortSignal,
  ): Promise<void>;
}

interface TryReaderPorts {
  readonly store: Pick<Store, "runs">;
  readonly tracker: Pick<RunTracker, "timeOf">;
}

/** Calls per hundred runs: the engines tell tries task by task. Tries beyond are kept only if they were seen going by. */
const CALLS = 20;

export const createTryReader = ({ store, tracker }: TryReaderPorts): TryReader => {
  /** Tasks of a run of which a try is over that is not kept. */
  const missingOf = async (run: StoredRun, tasks: readonly TaskInstance[]): Promise<readonly TaskInstance[]> => {
    const retried = tasks.filter(({ tryNumber }) => tryNumber > 1);
    if (retried.length === 0 || !isTerminalRunState(run.record.state)) return [];
    const kept = await store.runs.countTries(run.key);
    return retried.filter(
      ({ taskId, mapIndex, tryNumber }) => (kept.get(`${mapIndex} ${taskId}`) ?? 0) < tryNumber - 1,
    );
  };

  const readOne = async (engine: Engine, run: StoredRun, task: TaskInstance, signal: AbortSignal): Promise<void> => {
    const { dagId, runId, taskId, mapIndex } = task;
    const at = tracker.timeOf(engine.instance);
    try {
      const tries = await engine.listTries({ dagId, runId, taskId, mapIndex }, { signal });
      const over = tries.filter(({ tryNumber }) => tryNumber > 0 && tryNumber < task.tryNumber);
      if (over.length > 0) await store.runs.putTries(run.key, over, at);
    } catch (error) {
      // A run may be gone meanwhile, an instance may not answer: what is missing is history, and the feed must go on.
      if (!isAirfleetError(error) || signal.aborted) throw error;
    }
  };

  return {
    async follow(engine, runs, tasksOf, signal) {
      let calls = 0;
      for (const run of runs) {
        for (const task of await missingOf(run, tasksOf(run))) {
          if (calls >= CALLS) return;
          if (calls === 0 && !(await engine.capabilities({ signal })).tries) return;
          calls += 1;
          await readOne(engine, run, task, signal);
        }
      }
    },
  };
};

import { type InstanceId, type Run, toDagId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { type KnownRun, pickNewestRuns, runTime, toKnownRun } from "./newer-run.ts";

/** Keeps each DAG's newest run up to date, from whatever readings of runs there are. */
export interface LastRuns {
  /** @param readAt When the reading was begun, epoch milliseconds. */
  note(instance: InstanceId, runs: readonly Run[], readAt: number): Promise<void>;
}

/** Remembers per DAG which run it holds for the newest, so that most readings cost no query. */
export const createLastRuns = (store: Store): LastRuns => {
  const memories = new Map<InstanceId, Map<string, KnownRun>>();

  const remember = async (instance: InstanceId, runs: readonly Run[]): Promise<Map<string, KnownRun>> => {
    const known = memories.get(instance) ?? new Map<string, KnownRun>();
    memories.set(instance, known);
    for (const dagId of new Set(runs.map((run) => run.dagId))) {
      if (known.has(dagId)) continue;
      const cell = await store.dags.find(instance, toDagId(dagId));
      if (cell?.lastRun !== null && cell?.lastRun !== undefined) known.set(dagId, toKnownRun(cell.lastRun));
    }
    return known;
  };

  return {
    async note(instance, runs, readAt) {
      if (runs.length === 0) return;
      const known = await remember(instance, runs);
      const newest = pickNewestRuns(runs, known);
      await store.dags.observeLastRuns(instance, [...newest.values()], readAt);
      for (const [dagId, run] of newest) known.set(dagId, { runId: run.runId, time: runTime(run) });
    },
  };
};

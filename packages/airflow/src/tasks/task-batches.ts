import type { RunAddress } from "@airfleet/model";

/** Runs per request, as many as a page of the feed has: with ten tasks each an answer is somewhat more than a megabyte. */
export const RUNS_PER_BATCH = 100;

/** One request's filter: these DAGs and these run ids. */
export interface TaskBatch {
  readonly dagIds: string[];
  readonly runIds: string[];
  readonly runs: readonly RunAddress[];
}

/** A run's name within an instance, for sets and maps. */
export const runKey = ({ dagId, runId }: RunAddress): string => `${dagId}\n${runId}`;

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/**
 * Packs runs into few requests. The API takes a list of DAGs and a list of run ids and answers every combination that
 * exists, and scheduled runs of different DAGs share their ids: sorted by run id first, equal ids come together, so
 * that a batch's combinations are little more than what was asked for.
 */
export const toTaskBatches = (runs: readonly RunAddress[]): TaskBatch[] => {
  const unique = [...new Map(runs.map((run) => [runKey(run), run])).values()];
  unique.sort((left, right) => compare(left.runId, right.runId) || compare(left.dagId, right.dagId));
  const batches: TaskBatch[] = [];
  for (let start = 0; start < unique.length; start += RUNS_PER_BATCH) {
    batches.push(toBatch(unique.slice(start, start + RUNS_PER_BATCH)));
  }
  return batches;
};

/** Both halves of a batch, for when its answer does not fit one page; null when it is one run. */
export const halveBatch = ({ runs }: TaskBatch): [TaskBatch, TaskBatch] | null => {
  if (runs.length < 2) return null;
  const middle = Math.ceil(runs.length / 2);
  return [toBatch(runs.slice(0, middle)), toBatch(runs.slice(middle))];
};

const toBatch = (runs: readonly RunAddress[]): TaskBatch => ({
  runs,
  dagIds: [...new Set(runs.map(({ dagId }) => dagId))],
  runIds: [...new Set(runs.map(({ runId }) => runId))],
});

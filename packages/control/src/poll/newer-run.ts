import type { Run } from "@airfleet/model";
import type { LastRun } from "../fleet/fleet-dag.ts";

/** A run's place in the order of runs of its DAG: when it was due, not when it was worked on, so that a cleared old run stays old. */
export const runTime = (run: Run): number => {
  const due = run.runAfter ?? run.intervalEnd ?? run.queuedAt ?? run.startedAt ?? run.logicalDate;
  return due === null ? 0 : Date.parse(due);
};

/** The least that a run known only by its `LastRun` can have been due. */
const knownTime = ({ logicalDate, startedAt }: LastRun): number => {
  const due = logicalDate ?? startedAt;
  return due === null ? 0 : Date.parse(due);
};

/** The place that a reading takes as a DAG's last run. */
export interface KnownRun {
  readonly runId: string;
  readonly time: number;
}

export const toKnownRun = (lastRun: LastRun): KnownRun => ({ runId: lastRun.runId, time: knownTime(lastRun) });

/**
 * Those readings of `runs` that are their DAG's newest run, one per DAG: a newer run than the known one, or the known
 * one read again. Of two readings of one run the later in the list counts.
 */
export const pickNewestRuns = (
  runs: readonly Run[],
  known: ReadonlyMap<string, KnownRun>,
): ReadonlyMap<string, Run> => {
  const newest = new Map<string, Run>();
  for (const run of runs) {
    const best = newest.get(run.dagId);
    const rival = best === undefined ? known.get(run.dagId) : { runId: best.runId, time: runTime(best) };
    if (rival === undefined || rival.runId === run.runId || runTime(run) > rival.time) newest.set(run.dagId, run);
  }
  return newest;
};

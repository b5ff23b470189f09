import { type RunId, toRunId } from "@airfleet/model";
import type { RunRow, RunsFilter } from "../documents/runs.ts";
import { RUN_ID_TAG, tagOf } from "../tags.ts";

/**
 * One run of ours is a group of runs of Dagster's: the one that was launched, and its re-executions, the newest of which
 * stands for all (ADR 0017). What binds them is our tag, which a re-execution copies, or Dagster's own root.
 */
type Row = Pick<RunRow, "runId" | "rootRunId" | "parentRunId" | "tags">;

/** Our id of the run that this one belongs to: our tag, else the id of the first of its re-executions. */
export const runIdOf = (row: Row): RunId => toRunId(tagOf(row.tags, RUN_ID_TAG) ?? row.rootRunId ?? row.runId);

/** Dagster's ids; ours may look like one only by design of the caller. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const ROOT_TAG = "dagster/root_run_id";

/** What to ask for in order to get every member of a group. */
export const groupFilters = (pipelineName: string, runId: RunId): readonly RunsFilter[] => [
  { pipelineName, tags: [{ key: RUN_ID_TAG, value: runId }] },
  ...(UUID.test(runId)
    ? [
        { pipelineName, runIds: [runId] },
        { pipelineName, tags: [{ key: ROOT_TAG, value: runId }] },
      ]
    : []),
];

/** A group by its members. */
export interface RunGroup<R> {
  /** Stands for all of them. */
  readonly current: R;
  /** The launched one and its re-executions, oldest first. */
  readonly chain: readonly R[];
  /** Launched a second time under the same id: never counted, and to be stopped while they live. */
  readonly twins: readonly R[];
}

/**
 * Sorts what the lookups answered, newest first each. Of several that were launched under one id the oldest is the run.
 * Null when there is none.
 */
export const toGroup = <R extends Row>(runId: RunId, found: readonly (readonly R[])[]): RunGroup<R> | null => {
  const members = new Map<string, R>();
  for (const rows of found) {
    for (const row of rows) if (runIdOf(row) === runId) members.set(row.runId, row);
  }
  const oldestFirst = [...members.values()].toReversed();
  const launched = oldestFirst.filter(({ parentRunId }) => parentRunId === null || parentRunId === undefined);
  const [first, ...twins] = launched;
  const again = oldestFirst.filter(
    ({ parentRunId, rootRunId }) =>
      parentRunId !== null && parentRunId !== undefined && (first === undefined || rootRunId === first.runId),
  );
  const chain = first === undefined ? again : [first, ...again];
  const current = chain.at(-1);
  return current === undefined ? null : { current, chain, twins };
};

import {
  type Run,
  type RunState,
  type SubjectRef,
  toDagId,
  toInstanceId,
  toRunId,
  type DagId,
  type RunId,
} from "@airfleet/model";
import { runKeyOf, type Store } from "@airfleet/store";

export const DAY_MS = 86_400_000;
export const NOW = Date.parse("2026-11-21T10:00:00Z");

export interface GivenRun {
  readonly instance: string;
  readonly dagId: string;
  readonly runId: string;
  readonly state: RunState;
  /** Days before {@link NOW}. */
  readonly daysAgo: number;
  readonly subjects: readonly SubjectRef[];
  readonly conf?: Readonly<Record<string, unknown>>;
}

export const dueOf = ({ daysAgo }: Pick<GivenRun, "daysAgo">): number => NOW - daysAgo * DAY_MS;
const isOver = (state: RunState): boolean => state !== "queued" && state !== "running";

const toRun = (given: GivenRun, place: { readonly dagId: DagId; readonly runId: RunId }): Run => {
  const due = new Date(dueOf(given)).toISOString();
  return {
    ...place,
    state: given.state,
    engineState: given.state,
    type: "manual",
    logicalDate: due,
    intervalStart: null,
    intervalEnd: null,
    runAfter: due,
    queuedAt: due,
    startedAt: given.state === "queued" ? null : due,
    endedAt: isOver(given.state) ? due : null,
    conf: given.conf ?? {},
    note: null,
    triggeredBy: null,
    versionNumbers: [],
  };
};

export const keyOf = ({ instance, dagId, runId }: GivenRun): string =>
  runKeyOf({ instance: toInstanceId(instance), dagId: toDagId(dagId), runId: toRunId(runId) });

const CHUNK = 100;

/**
 * Puts runs into the store, in this order, as if they had been read from their instances.
 *
 * @returns They in the order in which they were first seen: those that are read together are seen in order of their keys.
 */
export const putRuns = async (store: Store, runs: readonly GivenRun[]): Promise<readonly GivenRun[]> => {
  const seen: GivenRun[] = [];
  for (let from = 0; from < runs.length; ) {
    const instance = runs[from]?.instance ?? "";
    const others = runs.slice(from, from + CHUNK).findIndex((run) => run.instance !== instance);
    const part = runs.slice(from, from + (others === -1 ? CHUNK : others));
    const subjects = new Map(part.map((run) => [`${run.dagId}/${run.runId}`, run.subjects]));
    await store.runs.observe({
      instance: toInstanceId(instance),
      observations: part.map((given) => {
        const place = { dagId: toDagId(given.dagId), runId: toRunId(given.runId) };
        return { ...place, kind: "read", source: "poll", at: NOW, run: toRun(given, place) };
      }),
      subjectsOf: ({ dagId, runId }) => subjects.get(`${dagId}/${runId}`) ?? [],
    });
    seen.push(...part.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1)));
    from += part.length;
  }
  return seen;
};

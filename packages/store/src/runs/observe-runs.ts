import { type RunKey, type RunObservation, type RunState, toTriggerId } from "@airfleet/model";
import type { Insertable, Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import { retryConflict } from "../backend/retry-conflict.ts";
import type { StoreContext } from "../context.ts";
import { applyRunsToExecutions } from "../executions/apply-runs.ts";
import type { Database } from "../schema.ts";
import { applyRunsToSubjects } from "../subjects/run-standings.ts";
import { closeTriggerSubjects } from "../subjects/trigger-subjects.ts";
import { toStorableText } from "../text/storable-text.ts";
import { applyOutcomes } from "./dag-outcomes.ts";
import { toStoredRuns } from "./find-runs.ts";
import { triggersOf } from "./link-triggers.ts";
import { type MergedRun, mergeBatch } from "./merge-batch.ts";
import { droppedAmong, forgetDropped } from "./removed-runs.ts";
import { runChanged, subjectsChanged, tell } from "./run-events.ts";
import { runKeyOf } from "./run-key.ts";
import type { ObserveRequest, RunChange } from "./run-repository.ts";
import { type RunRow, toRecord } from "./run-row.ts";
import type { RunTable } from "./run-tables.ts";
import { appendHistory, indexConf, insertRuns, moveLinks, updateRuns } from "./write-runs.ts";

/** Runs per transaction: long enough to pay for the commit, short enough that others are not kept waiting. */
const CHUNK = 100;

type Batch = readonly [RunKey, readonly RunObservation[]];

/** A run with news, between reading and writing. */
interface Observed {
  readonly key: RunKey;
  readonly known: RunRow | null;
  readonly merged: MergedRun;
  readonly observations: readonly RunObservation[];
}

interface Written extends Observed {
  readonly pk: number;
  readonly triggerId: string | null;
}

const lockRows = async (
  trx: Transaction<Database>,
  { profile }: StoreContext,
  keys: readonly RunKey[],
): Promise<ReadonlyMap<string, RunRow>> => {
  const rows = await trx
    .selectFrom("runs")
    .selectAll()
    .where("key", "in", keys)
    .orderBy("key")
    .modifyEnd(profile.forUpdate)
    .execute();
  return new Map(rows.map((row) => [row.key, row]));
};

const isOnlyGone = (observations: readonly RunObservation[]): boolean =>
  observations.every(({ kind }) => kind === "gone");

const isToldBySender = ({ observations }: Pick<Observed, "observations">): boolean =>
  observations.some(({ source }) => source === "trigger");

const wantsTrigger = (run: Pick<Observed, "known" | "observations">): boolean =>
  run.known === null || (run.known.trigger_id === null && isToldBySender(run));

const unchanged = (known: RunRow): MergedRun => ({
  record: toRecord(known),
  columns: known,
  dueAt: known.due_at,
  steps: [],
  isChange: false,
  isNews: false,
});

const mergeAll = (batches: readonly Batch[], rows: ReadonlyMap<string, RunRow>): readonly Observed[] =>
  batches.flatMap(([key, observations]) => {
    const known = rows.get(key) ?? null;
    if (known === null && isOnlyGone(observations)) return [];
    const merged = mergeBatch(
      known === null ? null : { record: toRecord(known), columns: known, dueAt: known.due_at },
      observations,
    );
    if (merged?.isNews === true) return [{ key, known, merged, observations }];
    // Nothing new of the run itself, but perhaps that it is our trigger's.
    return known !== null && wantsTrigger({ known, observations })
      ? [{ key, known, merged: unchanged(known), observations }]
      : [];
  });

const findTriggers = (trx: Transaction<Database>, request: ObserveRequest, runs: readonly Observed[]) =>
  triggersOf(
    trx,
    request.instance,
    runs.filter(wantsTrigger).map((run) => ({
      key: run.key,
      dag_id: toStorableText(run.merged.record.dagId),
      run_id: toStorableText(run.merged.record.runId),
      isTold: isToldBySender(run),
      confHash: () => request.confHashOf?.(run.merged.record) ?? null,
    })),
  );

const newRow = (
  { key, merged, observations }: Observed,
  request: ObserveRequest,
  triggerId: string | null,
  now: number,
): Insertable<RunTable> => ({
  key,
  instance_id: request.instance,
  dag_id: toStorableText(merged.record.dagId),
  run_id: toStorableText(merged.record.runId),
  due_at: merged.dueAt,
  trigger_id: triggerId,
  discovered_by: observations[0]?.source ?? "poll",
  subjects_total: 0,
  observations_total: merged.steps.length,
  tasks_at: null,
  first_seen_at: now,
  changed_at: now,
  ...merged.columns,
});

const changedRow = ({ merged }: Observed, known: RunRow, triggerId: string | null, now: number): RunRow => ({
  ...known,
  ...merged.columns,
  due_at: merged.dueAt,
  trigger_id: known.trigger_id ?? triggerId,
  observations_total: known.observations_total + merged.steps.length,
  changed_at: merged.isChange || triggerId !== null ? now : known.changed_at,
});

/** Writes the rows of the runs. A run that somebody else has just inserted is left out. */
const writeRows = async (
  trx: Transaction<Database>,
  request: ObserveRequest,
  runs: readonly Observed[],
  now: number,
): Promise<readonly Written[]> => {
  const triggers = await findTriggers(trx, request, runs);
  const triggerOf = ({ key }: Observed): string | null => triggers.get(key) ?? null;
  const fresh = runs.filter(({ known }) => known === null);
  const inserted = await insertRuns(
    trx,
    fresh.map((run) => newRow(run, request, triggerOf(run), now)),
  );
  await updateRuns(
    trx,
    runs.flatMap((run) => (run.known === null ? [] : [changedRow(run, run.known, triggerOf(run), now)])),
  );
  return runs.flatMap((run) => {
    const pk = run.known?.id ?? inserted.get(run.key);
    return pk === undefined ? [] : [{ ...run, pk, triggerId: triggerOf(run) }];
  });
};

const isConfNews = ({ known, merged }: Observed): boolean =>
  known === null || (known.conf !== merged.columns.conf && merged.columns.conf !== null);

const writeWhatFollows = async (
  trx: Transaction<Database>,
  context: StoreContext,
  request: ObserveRequest,
  runs: readonly Written[],
): Promise<void> => {
  await appendHistory(
    trx,
    runs.map(({ pk, known, merged }) => ({ pk, known: known?.observations_total ?? 0, steps: merged.steps })),
    context.clock(),
  );
  await indexConf(
    trx,
    runs.map(({ pk, known, merged }) => ({ pk, before: known, merged })),
  );
  for (const { pk, known, merged } of runs) {
    if (known !== null && known.subjects_total > 0 && known.due_at !== merged.dueAt)
      await moveLinks(trx, pk, merged.dueAt);
  }
  const changed = runs.map((run) => ({
    run,
    before:
      run.known === null
        ? null
        : { state: run.known.state as RunState, dueAt: run.known.due_at, endedAt: run.known.ended_ms },
    after: { state: run.merged.record.state, dueAt: run.merged.dueAt, endedAt: run.merged.columns.ended_ms },
  }));
  await applyRunsToSubjects(
    trx,
    context,
    changed.map(({ run, before, after }) => ({
      pk: run.pk,
      dueAt: after.dueAt,
      before,
      after,
      subjectsTotal: run.known?.subjects_total ?? 0,
      refs: isConfNews(run) ? (request.subjectsOf?.(run.merged.record) ?? []) : [],
      triggerId: run.triggerId,
    })),
  );
  const linked = runs.flatMap(({ triggerId }) => (triggerId === null ? [] : [toTriggerId(triggerId)]));
  await closeTriggerSubjects(trx, context, linked);
  await applyOutcomes(
    trx,
    context,
    changed.map(({ run, before, after }) => ({
      pk: run.pk,
      instance: request.instance,
      dagId: toStorableText(run.merged.record.dagId),
      before,
      after,
    })),
  );
};

const toChanges = async (trx: Transaction<Database>, runs: readonly Written[]): Promise<readonly RunChange[]> => {
  const shown = new Map(
    runs.filter(({ merged, triggerId }) => merged.isChange || triggerId !== null).map((run) => [run.pk, run]),
  );
  if (shown.size === 0) return [];
  const rows = await trx
    .selectFrom("runs")
    .selectAll()
    .where("id", "in", [...shown.keys()])
    .execute();
  const stored = await toStoredRuns(trx, rows);
  return stored.flatMap((run, index) => {
    const written = shown.get(rows[index]?.id ?? -1);
    if (written === undefined) return [];
    const before = (written.known?.state ?? null) as RunState | null;
    return [{ run, before, after: run.record.state, isNew: written.known === null }];
  });
};

/** One transaction. @returns What changed, and the runs to be looked at again since another process inserted them meanwhile. */
const observeChunk = (context: StoreContext, request: ObserveRequest, batches: readonly Batch[]) =>
  context.db.transaction().execute(async (trx) => {
    const rows = await lockRows(
      trx,
      context,
      batches.map(([key]) => key),
    );
    const news = mergeAll(batches, rows);
    const dropped = await droppedAmong(
      trx,
      news.filter(({ known }) => known === null).map((run) => ({ ...run, instance: request.instance })),
    );
    const kept = news.filter(({ key }) => !dropped.has(key));
    if (kept.length === 0) return { changes: [], again: [] };
    const written = await writeRows(trx, request, kept, context.clock());
    await forgetDropped(
      trx,
      written.filter(({ known }) => known === null).map(({ key }) => key),
    );
    await writeWhatFollows(trx, context, request, written);
    await applyRunsToExecutions(
      trx,
      context,
      request.instance,
      written.map(({ key, merged }) => ({ key, record: merged.record })),
    );
    const changes = await toChanges(trx, written);
    const pks = new Map(written.map(({ key, pk }) => [key, pk]));
    const told = changes.map(({ run }) => ({ pk: pks.get(run.key) ?? 0, run }));
    await tell(trx, context, [...changes.map(runChanged), ...(await subjectsChanged(trx, told))]);
    const done = new Set(written.map(({ key }) => key));
    return { changes, again: kept.filter(({ key }) => !done.has(key)).map(({ key }) => key) };
  });

const groupByRun = ({ instance, observations }: ObserveRequest): readonly Batch[] =>
  [...Map.groupBy(observations, ({ dagId, runId }) => runKeyOf({ instance, dagId, runId }))].toSorted(
    ([left], [right]) => (left < right ? -1 : 1),
  );

/** See `RunRepository.observe`. */
export const observeRuns = async (context: StoreContext, request: ObserveRequest): Promise<readonly RunChange[]> => {
  const changes: RunChange[] = [];
  let batches = groupByRun(request);
  while (batches.length > 0) {
    const again = new Set<RunKey>();
    for (const chunk of inChunks(batches, CHUNK)) {
      const answer = await retryConflict(() => observeChunk(context, request, chunk));
      changes.push(...answer.changes);
      for (const key of answer.again) again.add(key);
    }
    batches = batches.filter(([key]) => again.has(key));
  }
  return changes;
};

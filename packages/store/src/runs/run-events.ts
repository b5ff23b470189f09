import type { Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import { appendEvents, type EventNote } from "../events/events.ts";
import type { Database } from "../schema.ts";
import type { RunChange, StoredRun } from "./run-repository.ts";

/** A run about more subjects than this is told of once, not once for each. */
export const SUBJECTS_TOLD_SINGLY = 50;

export const namedSubjects = ({ subjects, subjectsTotal }: StoredRun) => ({
  subjects: subjects.map(({ type, id }) => ({ type, id })),
  subjects_total: subjectsTotal,
});

export const placeOf = (run: StoredRun) => ({
  instance: run.instance,
  dagId: run.record.dagId,
  runId: run.record.runId,
});

/** `run.changed`: enough to decide whether to look closer, and nothing of the conf. */
export const runChanged = ({ run, before, isNew }: RunChange): EventNote => {
  const { record } = run;
  return {
    kind: "run.changed",
    ...placeOf(run),
    payload: {
      id: run.key,
      state: record.state,
      before,
      engine_state: record.read?.run.engineState ?? null,
      is_new: isNew,
      partial: record.partial,
      trigger_id: run.triggerId,
      ...namedSubjects(run),
      started_at: record.read?.run.startedAt ?? null,
      ended_at: record.read?.run.endedAt ?? null,
      logical_date: record.read?.run.logicalDate ?? record.heard?.logicalDate ?? null,
    },
  };
};

/** The subjects of these runs as they now stand, one event each; of a bulk run, one event with their number. */
export const subjectsChanged = async (
  trx: Transaction<Database>,
  runs: readonly { readonly pk: number; readonly run: StoredRun }[],
): Promise<readonly EventNote[]> => {
  const small = runs.filter(({ run }) => run.subjectsTotal > 0 && run.subjectsTotal <= SUBJECTS_TOLD_SINGLY);
  const bulk = runs.filter(({ run }) => run.subjectsTotal > SUBJECTS_TOLD_SINGLY);
  const byPk = new Map(small.map(({ pk, run }) => [pk, run]));
  const rows =
    small.length === 0
      ? []
      : await trx
          .selectFrom("run_subjects")
          .innerJoin("subjects", "subjects.id", "run_subjects.subject_pk")
          .select(["run_pk", "subjects.id", "type", "external_id", "state"])
          .where("run_pk", "in", [...byPk.keys()])
          .orderBy("subjects.id")
          .execute();
  const single = rows.flatMap((row): readonly EventNote[] => {
    const run = byPk.get(row.run_pk);
    if (run === undefined) return [];
    const payload = {
      type: row.type,
      id: row.external_id,
      state: row.state,
      run: run.key,
      run_state: run.record.state,
    };
    return [{ kind: "subject.changed", ...placeOf(run), payload }];
  });
  const many = bulk.map(({ run }) => ({
    kind: "subject.changed",
    ...placeOf(run),
    payload: { run: run.key, run_state: run.record.state, subjects_total: run.subjectsTotal },
  }));
  return [...single, ...many];
};

/** SQLite takes 32,766 parameters in a statement. */
const EVENTS_PER_STATEMENT = 2_000;

export const tell = async (
  trx: Transaction<Database>,
  context: Pick<StoreContext, "newId" | "clock">,
  notes: readonly EventNote[],
): Promise<void> => {
  for (let start = 0; start < notes.length; start += EVENTS_PER_STATEMENT) {
    await appendEvents(trx, context, notes.slice(start, start + EVENTS_PER_STATEMENT));
  }
};

import type { Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { EventNote } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { namedSubjects, placeOf, SUBJECTS_TOLD_SINGLY } from "./run-events.ts";
import type { StoredRun } from "./run-repository.ts";

/** SQLite takes 32,766 parameters in a statement. */
const SUBJECTS_PER_STATEMENT = 5_000;

/** A subject with a run that it no longer has. */
export interface LeftSubject {
  readonly subjectPk: number;
  readonly run: StoredRun;
}

/** `run.removed`: our record of it was dropped. Its subjects are named as it had them before. */
export const runRemoved = (run: StoredRun, reason: string): EventNote => ({
  kind: "run.removed",
  ...placeOf(run),
  payload: { id: run.key, state: run.record.state, reason, ...namedSubjects(run) },
});

/** The subjects that runs are about, but for those of bulk runs, which are told of once. */
export const subjectsToLeave = async (
  trx: Transaction<Database>,
  runs: readonly { readonly pk: number; readonly run: StoredRun }[],
): Promise<readonly LeftSubject[]> => {
  const small = runs.filter(({ run }) => run.subjectsTotal > 0 && run.subjectsTotal <= SUBJECTS_TOLD_SINGLY);
  if (small.length === 0) return [];
  const byPk = new Map(small.map(({ pk, run }) => [pk, run]));
  const links = await trx
    .selectFrom("run_subjects")
    .select(["run_pk", "subject_pk"])
    .where("run_pk", "in", [...byPk.keys()])
    .orderBy("run_pk")
    .orderBy("subject_pk")
    .execute();
  return links.flatMap((link) => {
    const run = byPk.get(link.run_pk);
    return run === undefined ? [] : [{ subjectPk: link.subject_pk, run }];
  });
};

/** Subjects as they stand without runs that were about them: one event for each of a subject's instances. */
export const subjectsLeft = async (
  trx: Transaction<Database>,
  left: readonly LeftSubject[],
): Promise<readonly EventNote[]> => {
  const pks = [...new Set(left.map(({ subjectPk }) => subjectPk))];
  const rows = [];
  for (const chunk of inChunks(pks, SUBJECTS_PER_STATEMENT)) {
    const found = trx.selectFrom("subjects").select(["id", "type", "external_id", "state"]).where("id", "in", chunk);
    rows.push(...(await found.execute()));
  }
  const byPk = new Map(rows.map((row) => [row.id, row]));
  // Who listens to one instance only hears of it from that instance's runs.
  const each = new Map(left.map((one) => [JSON.stringify([one.subjectPk, one.run.instance]), one]));
  return [...each.values()].flatMap(({ subjectPk, run }): readonly EventNote[] => {
    const row = byPk.get(subjectPk);
    if (row === undefined) return [];
    const payload = { type: row.type, id: row.external_id, state: row.state, run: run.key, run_state: null };
    return [{ kind: "subject.changed", ...placeOf(run), payload }];
  });
};

/** Of each bulk run, that it left its subjects, with their number. */
export const bulkLeft = (runs: readonly StoredRun[]): readonly EventNote[] =>
  runs
    .filter(({ subjectsTotal }) => subjectsTotal > SUBJECTS_TOLD_SINGLY)
    .map((run) => ({
      kind: "subject.changed",
      ...placeOf(run),
      payload: { run: run.key, run_state: null, subjects_total: run.subjectsTotal },
    }));

import type { SubjectRef } from "@airfleet/model";
import type { Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { type LinkedRun, linkSubjects, subjectsOfTriggers } from "./link-subjects.ts";
import { subjectHash } from "./subject-hash.ts";
import type { RunStanding, StandingChange } from "./standing-columns.ts";
import { applyStandings, lockSubjectsOf } from "./subject-standing.ts";
import { upsertSubjects } from "./upsert-subjects.ts";

/** A run that changed, with the subjects it comes to by it. */
export interface RunOfSubjects extends LinkedRun {
  /** Null for a new run. */
  readonly before: RunStanding | null;
  readonly after: RunStanding;
  /** How many it was linked to. */
  readonly subjectsTotal: number;
  readonly refs: readonly SubjectRef[];
  readonly triggerId: string | null;
}

/** @returns The subjects that are new to a run, by its number. */
const linkNew = async (
  trx: Transaction<Database>,
  context: Pick<StoreContext, "clock">,
  runs: readonly RunOfSubjects[],
): Promise<ReadonlyMap<number, readonly number[]>> => {
  // All at once: two who name the same subjects in another order would wait for each other.
  const all = runs.flatMap(({ refs }) => refs);
  const named = await upsertSubjects(trx, context, all);
  // A single run has all that were named; its thousands need no second hash.
  const pksOf = (refs: readonly SubjectRef[]): readonly number[] =>
    refs.length === all.length ? [...named.values()] : refs.flatMap((ref) => named.get(subjectHash(ref)) ?? []);
  const asked = await subjectsOfTriggers(
    trx,
    runs.flatMap(({ triggerId }) => (triggerId === null ? [] : [triggerId])),
  );
  return linkSubjects(
    trx,
    runs.map(({ pk, dueAt, refs, triggerId }) => ({
      pk,
      dueAt,
      subjectPks: [...pksOf(refs), ...(triggerId === null ? [] : (asked.get(triggerId) ?? []))],
    })),
  );
};

const linkedBefore = async (
  trx: Transaction<Database>,
  pk: number,
  added: readonly number[],
): Promise<readonly number[]> => {
  const rows = await trx.selectFrom("run_subjects").select("subject_pk").where("run_pk", "=", pk).execute();
  const isNew = new Set(added);
  return rows.map((row) => row.subject_pk).filter((subjectPk) => !isNew.has(subjectPk));
};

const isMoved = ({ before, after }: RunOfSubjects): boolean =>
  before !== null && (before.state !== after.state || before.dueAt !== after.dueAt || before.endedAt !== after.endedAt);

const standingChanges = async (
  trx: Transaction<Database>,
  run: RunOfSubjects,
  added: readonly number[],
): Promise<readonly StandingChange[]> => {
  const { pk, before, after, subjectsTotal } = run;
  const joins: StandingChange = { runPk: pk, before: null, after, subjectPks: added };
  if (before === null) return added.length === 0 ? [] : [{ runPk: pk, before, after }];
  if (!isMoved(run) || subjectsTotal === 0) return added.length === 0 ? [] : [joins];
  if (added.length === 0) return [{ runPk: pk, before, after }];
  return [{ runPk: pk, before, after, subjectPks: await linkedBefore(trx, pk, added) }, joins];
};

/**
 * Links runs to the subjects of their triggers and those that rules name, and brings the subjects in line with what
 * became of the runs.
 *
 * @param runs Locked by this transaction, their rows as after the change.
 */
export const applyRunsToSubjects = async (
  trx: Transaction<Database>,
  context: StoreContext,
  runs: readonly RunOfSubjects[],
): Promise<void> => {
  const added = await linkNew(trx, context, runs);
  const changes: StandingChange[] = [];
  for (const run of runs) changes.push(...(await standingChanges(trx, run, added.get(run.pk) ?? [])));
  if (changes.length === 0) return;
  const concerned = [...new Set(changes.map(({ runPk }) => runPk))];
  await applyStandings(trx, context, changes, await lockSubjectsOf(trx, context, concerned));
};

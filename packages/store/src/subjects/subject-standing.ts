import { type RawBuilder, sql, type Transaction } from "kysely";
import { inChunks, inTurns } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import {
  changedColumns,
  COUNT_OF,
  endOf,
  type Kind,
  KINDS,
  leaves,
  shapeOf,
  type StandingChange,
  STATES_OF,
  valuesOf,
} from "./standing-columns.ts";

/** Numbers per statement. */
const CHUNK = 1_000;

const among = (pks: readonly number[]): RawBuilder<boolean> => sql<boolean>`id in (${sql.join(pks)})`;

const subjectsOf = ({ runPk, subjectPks }: StandingChange): readonly RawBuilder<boolean>[] =>
  subjectPks === undefined
    ? [sql<boolean>`id in (select subject_pk from run_subjects where run_pk = ${runPk})`]
    : inChunks(subjectPks, CHUNK).map(among);

/** Everything but the search for who comes next, for one run and all its subjects at once. */
export const applyStanding = async (trx: Transaction<Database>, change: StandingChange): Promise<void> => {
  const columns = changedColumns(change, valuesOf(change));
  if (columns.length === 0) return;
  for (const chosen of subjectsOf(change)) {
    await sql`update subjects set ${sql.join(columns)} where ${chosen}`.execute(trx);
  }
};

/** Up to this many subjects in all, changes are written by subject; else run by run. */
const FEW_SUBJECTS = 2_000;

interface SubjectChange {
  readonly subjectPk: number;
  readonly change: StandingChange;
}

const bySubject = async (
  trx: Transaction<Database>,
  changes: readonly StandingChange[],
): Promise<readonly SubjectChange[]> => {
  const whole = changes.filter(({ subjectPks }) => subjectPks === undefined).map(({ runPk }) => runPk);
  const links =
    whole.length === 0
      ? []
      : await trx.selectFrom("run_subjects").select(["run_pk", "subject_pk"]).where("run_pk", "in", whole).execute();
  const linked = Map.groupBy(links, (row) => row.run_pk);
  return changes.flatMap((change) => {
    const pks = change.subjectPks ?? (linked.get(change.runPk) ?? []).map((row) => row.subject_pk);
    return pks.map((subjectPk) => ({ subjectPk, change }));
  });
};

/** In each round a subject changes once, since a statement changes a row once. */
const inRounds = (changes: readonly SubjectChange[]): readonly (readonly SubjectChange[])[] => {
  const seen = new Map<number, number>();
  const rounds = Map.groupBy(changes, ({ subjectPk }) => {
    const round = seen.get(subjectPk) ?? 0;
    seen.set(subjectPk, round + 1);
    return round;
  });
  return [...rounds.values()];
};

/** Both databases name the columns of a list of values so. */
const LISTED = { run: sql`v.column2`, due: sql`v.column3`, ended: sql`v.column4` };

const whole = (value: number): RawBuilder<unknown> => sql`cast(${value} as bigint)`;

const applyRound = async (trx: Transaction<Database>, round: readonly SubjectChange[]): Promise<void> => {
  const [first] = round;
  const columns = first === undefined ? [] : changedColumns(first.change, LISTED);
  if (columns.length === 0) return;
  const values = round.map(
    ({ subjectPk, change }) =>
      sql`(${sql.join([subjectPk, change.runPk, change.after?.dueAt ?? 0, endOf(change)].map(whole))})`,
  );
  await sql`update subjects set ${sql.join(columns)} from (values ${sql.join(values)}) as v
    where subjects.id = v.column1`.execute(trx);
};

/**
 * A poll finds a hundred runs that went the same way, each of another subject: one statement. A bulk run is one statement
 * too. In which order the changes of a subject are made does not matter.
 */
export const applyAll = async (
  trx: Transaction<Database>,
  changes: readonly StandingChange[],
  subjectsTotal: number,
): Promise<void> => {
  if (subjectsTotal > FEW_SUBJECTS) {
    for (const change of changes) await applyStanding(trx, change);
    return;
  }
  const shapes = Map.groupBy(await bySubject(trx, changes), ({ change }) => shapeOf(change));
  for (const shape of shapes.values()) for (const round of inRounds(shape)) await applyRound(trx, round);
};

/** Looks for the newest run of a kind where the one that was it has left; stops at the first that it finds. */
const findAnew = async (trx: Transaction<Database>, kind: Kind, pks: readonly number[]): Promise<void> => {
  const run = sql.ref(`${kind}_run`);
  const due = sql.ref(`${kind}_due`);
  const { rows } = await sql`update subjects set ${run} = (
      select l.run_pk from run_subjects l cross join runs r
      where l.subject_pk = subjects.id and r.id = l.run_pk and ${STATES_OF[kind]}
      order by l.due_at desc, l.run_pk desc limit 1)
    where ${run} is null and ${COUNT_OF[kind]} > 0 and ${among(pks)} returning id`.execute(trx);
  if (rows.length === 0) return;
  const found = sql`from runs r where r.id = ${sql.ref(`subjects.${kind}_run`)}`;
  const ended =
    kind === "last_success" ? sql`, last_success_ended = (select coalesce(r.ended_ms, r.due_at) ${found})` : sql``;
  await sql`update subjects set ${due} = (select r.due_at ${found}) ${ended}
    where ${run} is not null and ${due} is null and ${among(pks)}`.execute(trx);
};

/** What a subject's state follows from: a run that goes on, else a trigger that waits, else how the newest finished run ended. */
const STATE = sql<string>`case
  when current_run is not null then (select r.state from runs r where r.id = subjects.current_run)
  when pending_total > 0 then 'pending'
  when finished_run is not null then (select r.state from runs r where r.id = subjects.finished_run)
  else 'none' end`;

/** Brings the state of these subjects in line with the rest of their rows. */
export const settleStates = async (
  trx: Transaction<Database>,
  { clock }: Pick<StoreContext, "clock">,
  pks: readonly number[],
): Promise<void> => {
  for await (const chunk of inTurns(pks, CHUNK)) {
    await trx.updateTable("subjects").set({ state: STATE, changed_at: clock() }).where("id", "in", chunk).execute();
  }
};

/** Takes subjects for this transaction, in the order that is everybody's. */
export const lockSubjects = async (
  trx: Transaction<Database>,
  { profile }: Pick<StoreContext, "profile">,
  pks: readonly number[],
): Promise<void> => {
  const rows = trx.selectFrom("subjects").select("id").where("id", "in", pks).orderBy("id");
  await rows.modifyEnd(profile.forUpdate).execute();
};

/** Takes the subjects of these runs for this transaction, in one order for everybody. @returns Their numbers, sorted. */
export const lockSubjectsOf = async (
  trx: Transaction<Database>,
  { profile }: Pick<StoreContext, "profile">,
  runPks: readonly number[],
): Promise<readonly number[]> => {
  if (runPks.length === 0) return [];
  const rows = await trx
    .selectFrom("subjects")
    .select("id")
    .where("id", "in", (eb) => eb.selectFrom("run_subjects").select("subject_pk").where("run_pk", "in", runPks))
    .orderBy("id")
    .modifyEnd(profile.forUpdate)
    .execute();
  return rows.map(({ id }) => id);
};

/**
 * Brings what the subjects' pages say first in line with changes of their runs, without reading their other runs: only
 * where the newest run of a kind ceases to be one is the next looked for.
 *
 * @param pks The subjects concerned, locked. The rows of the runs are as after the change.
 */
export const applyStandings = async (
  trx: Transaction<Database>,
  context: Pick<StoreContext, "clock">,
  changes: readonly StandingChange[],
  pks: readonly number[],
): Promise<void> => {
  if (pks.length === 0) return;
  await applyAll(trx, changes, pks.length);
  await refindStandings(trx, changes, pks);
  await settleStates(trx, context, pks);
};

/** The second half of {@link applyStandings}, for callers that take links away in between. */
export const refindStandings = async (
  trx: Transaction<Database>,
  changes: readonly StandingChange[],
  pks: readonly number[],
): Promise<void> => {
  for (const kind of KINDS) {
    if (!changes.some((change) => leaves(kind, change))) continue;
    for await (const chunk of inTurns(pks, CHUNK)) await findAnew(trx, kind, chunk);
  }
};

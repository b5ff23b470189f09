import { isTerminalRunState, type RunState } from "@airfleet/model";
import { type RawBuilder, sql, type Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";

/** Where a run stands for the subjects it is about. */
export interface RunStanding {
  readonly state: RunState;
  readonly dueAt: number;
  /** Epoch milliseconds. */
  readonly endedAt: number | null;
}

/** A run that came to its subjects (`before` null), changed, or leaves them (`after` null). */
export interface StandingChange {
  readonly runPk: number;
  readonly before: RunStanding | null;
  readonly after: RunStanding | null;
  /** These subjects only; absent: all that the run is linked to. */
  readonly subjectPks?: readonly number[];
}

/** What a subject's row keeps the newest run of. */
const KINDS = ["newest", "current", "finished", "last_success", "last_failure"] as const;
type Kind = (typeof KINDS)[number];

const belongs = (kind: Kind, state: RunState): boolean => {
  switch (kind) {
    case "newest":
      return true;
    case "current":
      return !isTerminalRunState(state);
    case "finished":
      return isTerminalRunState(state);
    case "last_success":
      return state === "success";
    case "last_failure":
      return state === "failed";
    default:
      return kind satisfies never;
  }
};

const STATES_OF: Readonly<Record<Kind, RawBuilder<unknown>>> = {
  newest: sql`1 = 1`,
  current: sql`r.state in ('queued', 'running')`,
  finished: sql`r.state not in ('queued', 'running')`,
  last_success: sql`r.state = 'success'`,
  last_failure: sql`r.state = 'failed'`,
};

/** How many runs of a kind a subject has. */
const COUNT_OF: Readonly<Record<Kind, RawBuilder<number>>> = {
  newest: sql`runs_total`,
  current: sql`runs_active`,
  finished: sql`(runs_total - runs_active)`,
  last_success: sql`runs_success`,
  last_failure: sql`runs_failed`,
};

/** Numbers per statement. */
const CHUNK = 5_000;

const among = (pks: readonly number[]): RawBuilder<boolean> => sql<boolean>`id in (${sql.join(pks)})`;

const subjectsOf = ({ runPk, subjectPks }: StandingChange): readonly RawBuilder<boolean>[] =>
  subjectPks === undefined
    ? [sql<boolean>`id in (select subject_pk from run_subjects where run_pk = ${runPk})`]
    : inChunks(subjectPks, CHUNK).map(among);

const has = (kind: Kind, standing: RunStanding | null): standing is RunStanding =>
  standing !== null && belongs(kind, standing.state);

/** The run is no longer what it was for this kind: gone from it, or due at another time. */
const leaves = (kind: Kind, { before, after }: StandingChange): boolean =>
  has(kind, before) && (!has(kind, after) || before.dueAt !== after.dueAt);

const difference = (kind: Kind, { before, after }: StandingChange): number =>
  (has(kind, after) ? 1 : 0) - (has(kind, before) ? 1 : 0);

/** The columns of one kind after the change; a run that leaves is taken out, and looked for anew afterwards. */
const kindColumns = (kind: Kind, change: StandingChange): RawBuilder<unknown>[] => {
  const { runPk, after } = change;
  const isLeaving = leaves(kind, change);
  if (!isLeaving && !has(kind, after)) return [];
  const run = sql.ref(`${kind}_run`);
  const due = sql.ref(`${kind}_due`);
  const isIt = sql`${run} = ${runPk}`;
  const isNewer =
    after === null || !has(kind, after)
      ? sql`1 = 0`
      : sql`((${run} is null and ${COUNT_OF[kind]} = 0) or ${due} < ${after.dueAt} or (${due} = ${after.dueAt} and ${run} <= ${runPk}))`;
  const choose = (taken: RawBuilder<unknown>, kept: RawBuilder<unknown>, none: RawBuilder<unknown>) =>
    sql`case when ${isLeaving ? isIt : sql`1 = 0`} then ${none} when ${isNewer} then ${taken} else ${kept} end`;
  const nothing = sql`null`;
  const columns = [
    sql`${run} = ${choose(sql`${runPk}`, run, nothing)}`,
    sql`${due} = ${choose(sql`${after?.dueAt ?? 0}`, due, nothing)}`,
  ];
  if (kind === "last_success") {
    const ended = sql.ref("last_success_ended");
    columns.push(sql`${ended} = ${choose(sql`${after?.endedAt ?? after?.dueAt ?? 0}`, ended, sql`0`)}`);
  }
  return columns;
};

const COUNTED = [
  ["runs_total", "newest"],
  ["runs_success", "last_success"],
  ["runs_failed", "last_failure"],
  ["runs_active", "current"],
] as const;

/** Everything but the search for who comes next. */
export const applyStanding = async (trx: Transaction<Database>, change: StandingChange): Promise<void> => {
  const counts = COUNTED.flatMap(([column, kind]) => {
    const by = difference(kind, change);
    return by === 0 ? [] : [sql`${sql.ref(column)} = ${sql.ref(column)} + ${by}`];
  });
  const columns = [...counts, ...KINDS.flatMap((kind) => kindColumns(kind, change))];
  if (columns.length === 0) return;
  for (const chosen of subjectsOf(change)) {
    await sql`update subjects set ${sql.join(columns)} where ${chosen}`.execute(trx);
  }
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
  for (const chunk of inChunks(pks, CHUNK)) {
    await trx.updateTable("subjects").set({ state: STATE, changed_at: clock() }).where("id", "in", chunk).execute();
  }
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
  for (const change of changes) await applyStanding(trx, change);
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
    for (const chunk of inChunks(pks, CHUNK)) await findAnew(trx, kind, chunk);
  }
};

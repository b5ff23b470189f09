import { isTerminalRunState, type RunState } from "@airfleet/model";
import { type RawBuilder, sql } from "kysely";

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
export const KINDS = ["newest", "current", "finished", "last_success", "last_failure"] as const;
export type Kind = (typeof KINDS)[number];

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

export const STATES_OF: Readonly<Record<Kind, RawBuilder<unknown>>> = {
  newest: sql`1 = 1`,
  current: sql`r.state in ('queued', 'running')`,
  finished: sql`r.state not in ('queued', 'running')`,
  last_success: sql`r.state = 'success'`,
  last_failure: sql`r.state = 'failed'`,
};

/** How many runs of a kind a subject has. */
export const COUNT_OF: Readonly<Record<Kind, RawBuilder<number>>> = {
  newest: sql`runs_total`,
  current: sql`runs_active`,
  finished: sql`(runs_total - runs_active)`,
  last_success: sql`runs_success`,
  last_failure: sql`runs_failed`,
};

/** The run of a change in SQL's words: numbers, or columns of a list of them. */
export interface RunValues {
  readonly run: RawBuilder<unknown>;
  readonly due: RawBuilder<unknown>;
  readonly ended: RawBuilder<unknown>;
}

/** When a run counts as ended for its subjects. */
export const endOf = ({ after }: StandingChange): number => after?.endedAt ?? after?.dueAt ?? 0;

/** A change by its own numbers. */
export const valuesOf = (change: StandingChange): RunValues => ({
  run: sql`${change.runPk}`,
  due: sql`${change.after?.dueAt ?? 0}`,
  ended: sql`${endOf(change)}`,
});

/** Changes of one shape change the same columns in the same way. */
export const shapeOf = ({ before, after }: StandingChange): string =>
  JSON.stringify([before?.state, after?.state, before?.dueAt === after?.dueAt]);

const has = (kind: Kind, standing: RunStanding | null): standing is RunStanding =>
  standing !== null && belongs(kind, standing.state);

/** The run is no longer what it was for this kind: gone from it, or due at another time. */
export const leaves = (kind: Kind, { before, after }: StandingChange): boolean =>
  has(kind, before) && (!has(kind, after) || before.dueAt !== after.dueAt);

const difference = (kind: Kind, { before, after }: StandingChange): number =>
  (has(kind, after) ? 1 : 0) - (has(kind, before) ? 1 : 0);

/** The columns of one kind after the change; a run that leaves is taken out, and looked for anew afterwards. */
const kindColumns = (kind: Kind, change: StandingChange, values: RunValues): RawBuilder<unknown>[] => {
  const { after } = change;
  const isLeaving = leaves(kind, change);
  if (!isLeaving && !has(kind, after)) return [];
  const run = sql.ref(`${kind}_run`);
  const due = sql.ref(`${kind}_due`);
  const isIt = sql`${run} = ${values.run}`;
  const isNewer =
    after === null || !has(kind, after)
      ? sql`1 = 0`
      : sql`((${run} is null and ${COUNT_OF[kind]} = 0) or ${due} < ${values.due} or (${due} = ${values.due} and ${run} <= ${values.run}))`;
  const choose = (taken: RawBuilder<unknown>, kept: RawBuilder<unknown>, none: RawBuilder<unknown>) =>
    sql`case when ${isLeaving ? isIt : sql`1 = 0`} then ${none} when ${isNewer} then ${taken} else ${kept} end`;
  const nothing = sql`null`;
  const columns = [
    sql`${run} = ${choose(values.run, run, nothing)}`,
    sql`${due} = ${choose(values.due, due, nothing)}`,
  ];
  if (kind === "last_success") {
    const ended = sql.ref("last_success_ended");
    columns.push(sql`${ended} = ${choose(values.ended, ended, sql`0`)}`);
  }
  return columns;
};

const COUNTED = [
  ["runs_total", "newest"],
  ["runs_success", "last_success"],
  ["runs_failed", "last_failure"],
  ["runs_active", "current"],
] as const;

/** What becomes of a subject's row by a change; empty when nothing does. */
export const changedColumns = (change: StandingChange, values: RunValues): readonly RawBuilder<unknown>[] => {
  const counts = COUNTED.flatMap(([column, kind]) => {
    const by = difference(kind, change);
    return by === 0 ? [] : [sql`${sql.ref(column)} = ${sql.ref(column)} + ${by}`];
  });
  return [...counts, ...KINDS.flatMap((kind) => kindColumns(kind, change, values))];
};

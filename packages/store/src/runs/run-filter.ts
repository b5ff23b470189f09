import { type RawBuilder, sql } from "kysely";
import type { BackendProfile } from "../backend/profile.ts";
import { toStorableText } from "../text/storable-text.ts";
import type { RunFilter } from "./run-repository.ts";

type Condition = RawBuilder<unknown>;
type Range = { readonly from?: number; readonly to?: number } | undefined;

const inRange = (column: Condition, range: Range): readonly Condition[] => [
  ...(range?.from === undefined ? [] : [sql`${column} >= ${range.from}`]),
  ...(range?.to === undefined ? [] : [sql`${column} < ${range.to}`]),
];

/** Several values are not looked up in an index: it is in order of time for each of them only, and all would have to be sorted. */
const isOneOf = (column: Condition, values: readonly string[]): Condition =>
  values.length === 1 ? sql`${column} = ${values[0]}` : sql`coalesce(${column}, '') in (${sql.join(values)})`;

/** Top-level conf keys with their values, in the order given. */
export const confPairs = ({ conf }: RunFilter): readonly (readonly [string, string])[] =>
  Object.entries(conf ?? {}).map(([name, value]) => [toStorableText(name), toStorableText(value)]);

/** What no run can meet, without asking the database. */
export const matchesNothing = ({ instances, dagIds, states, types }: RunFilter): boolean =>
  [instances, dagIds, states, types].some((list) => list?.length === 0);

/** Conditions that an index answers, or nearly so. */
export const indexedConditions = (filter: RunFilter): readonly Condition[] => {
  const { instances, dagIds, states, triggerId, due } = filter;
  return [
    ...(instances === undefined ? [] : [isOneOf(sql`r.instance_id`, instances)]),
    ...(dagIds === undefined ? [] : [isOneOf(sql`r.dag_id`, dagIds.map(toStorableText))]),
    ...(states === undefined ? [] : [isOneOf(sql`r.state`, states)]),
    // Said apart, so that both databases see that the index of those that are no success holds them all.
    ...(states === undefined || states.includes("success") ? [] : [sql`r.state <> 'success'`]),
    ...(triggerId === undefined ? [] : [sql`r.trigger_id = ${triggerId}`]),
    ...inRange(sql`r.due_at`, due),
  ];
};

/** Conditions for which rows have to be looked at one by one. */
export const residualConditions = (filter: RunFilter, profile: BackendProfile): readonly Condition[] => {
  const { types, noteContains, runIdContains, started, ended, durationSeconds } = filter;
  const text = (column: string, part: string): Condition =>
    profile.contains(sql`${sql.ref(column)}`, toStorableText(part));
  return [
    ...(types === undefined ? [] : [isOneOf(sql`r.type`, types)]),
    ...(noteContains === undefined ? [] : [text("r.note", noteContains)]),
    ...(runIdContains === undefined ? [] : [text("r.run_id", runIdContains)]),
    ...inRange(sql`r.started_ms`, started),
    ...inRange(sql`r.ended_ms`, ended),
    ...inRange(sql`((r.ended_ms - r.started_ms) / 1000.0)`, durationSeconds),
  ];
};

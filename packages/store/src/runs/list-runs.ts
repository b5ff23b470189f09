import { type RawBuilder, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { fromCursor, type StorePage, toCursor } from "../paging/cursor.ts";
import { findSubjectPk } from "../subjects/upsert-subjects.ts";
import { toStoredRuns } from "./find-runs.ts";
import { confPairs, indexedConditions, matchesNothing, residualConditions } from "./run-filter.ts";
import type { RunFilter, RunListQuery, StoredRun } from "./run-repository.ts";
import type { RunRow } from "./run-row.ts";

/** Runs that one page looks through at most where rows have to be looked at one by one: then it may hold less, and still go on. */
const RUNS_PER_PAGE = 25_000;

/** Runs that are sorted rather than looked for in order of due time. */
const FEW_ENDED = 5_000;

/** Lists that are read one by one and merged, rather than through one index that holds mostly others. */
const MOST_PARTS = 64;

type Sql = RawBuilder<unknown>;

/** A place in a list: newest due first. */
interface Place {
  readonly due: number;
  readonly pk: number;
}

/** What the runs are found through: its rows are in order of due time, and few beside those that are wanted. */
interface Source {
  readonly from: Sql;
  readonly due: Sql;
  readonly pk: Sql;
  readonly conditions: readonly Sql[];
}

const hasConf = ([name, value]: readonly [string, string]): Sql =>
  sql`exists (select 1 from run_conf c where c.name = ${name} and c.value = ${value} and c.due_at = r.due_at and c.run_pk = r.id)`;

const isOpenFailure = sql`exists (select 1 from open_failures f where f.due_at = r.due_at and f.run_pk = r.id)`;

const through = (table: Sql, alias: string, conditions: readonly Sql[]): Source => ({
  // A cross join is SQLite's word for "in this order"; to PostgreSQL it is any join.
  from: sql`${table} cross join runs r`,
  due: sql.ref(`${alias}.due_at`),
  pk: sql.ref(`${alias}.run_pk`),
  conditions: [sql`r.id = ${sql.ref(`${alias}.run_pk`)}`, ...conditions],
});

/** Runs that ended within some time, when they are few: then their index is narrower than that of all runs by due time. */
const throughEnd = async ({ db }: StoreContext, { ended }: RunFilter): Promise<Source | undefined> => {
  if (ended?.from === undefined) return undefined;
  const until = ended.to === undefined ? sql`` : sql`and e.ended_ms < ${ended.to}`;
  const range = sql`from runs e where e.ended_ms >= ${ended.from} ${until}`;
  const { rows } = await sql`select e.id ${range} order by e.ended_ms limit 1 offset ${FEW_ENDED}`.execute(db);
  return rows.length > 0 ? undefined : through(sql`(select e.id as run_pk, e.due_at ${range}) as e`, "e", []);
};

/** The narrowest way to the runs that a filter wants; undefined when there can be none. */
const chooseSource = async (context: StoreContext, filter: RunFilter): Promise<Source | undefined> => {
  const pairs = confPairs(filter);
  const failures = filter.failedWithoutLaterSuccess === true ? [isOpenFailure] : [];
  if (filter.subject !== undefined) {
    const pk = await findSubjectPk(context.db, filter.subject);
    if (pk === undefined) return undefined;
    return through(sql`run_subjects l`, "l", [sql`l.subject_pk = ${pk}`, ...pairs.map(hasConf), ...failures]);
  }
  const [first, ...others] = pairs;
  if (first !== undefined) {
    const [name, value] = first;
    const found = [sql`c.name = ${name}`, sql`c.value = ${value}`];
    return through(sql`run_conf c`, "c", [...found, ...others.map(hasConf), ...failures]);
  }
  if (failures.length > 0) return through(sql`open_failures f`, "f", []);
  const byEnd = await throughEnd(context, filter);
  return byEnd ?? { from: sql`runs r`, due: sql`r.due_at`, pk: sql`r.id`, conditions: [] };
};

/**
 * The lists whose merge is wanted. A filter for three instances of twenty is three ranges of the index by instance; asked
 * as one, SQLite would read all their runs and sort.
 */
const partsOf = (filter: RunFilter): readonly RunFilter[] => {
  let parts: readonly RunFilter[] = [filter];
  for (const name of ["instances", "dagIds", "states"] as const) {
    const values = filter[name];
    if (values === undefined || values.length * parts.length > MOST_PARTS) continue;
    parts = parts.flatMap((part) => values.map((value) => ({ ...part, [name]: [value] })));
  }
  return parts;
};

const and = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;

/** SQLite takes 500 terms in a compound select, PostgreSQL any. */
const places = async (
  { db }: StoreContext,
  { from, due, pk }: Source,
  parts: readonly (readonly Sql[])[],
  page: { readonly limit: number; readonly offset?: number },
): Promise<readonly Place[]> => {
  const reach = page.limit + (page.offset ?? 0);
  const each = parts.map(
    (conditions) =>
      sql`select * from (select ${due} as due, ${pk} as pk from ${from} ${and(conditions)} order by ${due} desc, ${pk} desc limit ${reach}) as part`,
  );
  const { rows } = await sql<Place>`select due, pk from (${sql.join(each, sql` union all `)}) as places
    order by due desc, pk desc limit ${page.limit} offset ${page.offset ?? 0}`.execute(db);
  return rows;
};

const behind = ({ due, pk }: Source, place: Place): Sql => sql`(${due}, ${pk}) < (${place.due}, ${place.pk})`;
const notBehind = ({ due, pk }: Source, place: Place): Sql => sql`(${due}, ${pk}) >= (${place.due}, ${place.pk})`;

/** The runs at these places, in their order. */
const readRuns = async ({ db }: StoreContext, found: readonly Place[]): Promise<readonly StoredRun[]> => {
  if (found.length === 0) return [];
  const pks = found.map(({ pk }) => pk);
  const rows = await db.selectFrom("runs").selectAll().where("id", "in", pks).execute();
  const byPk = new Map(rows.map((row) => [row.id, row]));
  const ordered = found.flatMap(({ pk }): readonly RunRow[] => {
    const row = byPk.get(pk);
    return row === undefined ? [] : [row];
  });
  return toStoredRuns(db, ordered);
};

/** Runs of a filter, newest due first, found by their place in an index and then read. */
export const listRuns = async (
  context: StoreContext,
  { limit, after, ...filter }: RunListQuery,
): Promise<StorePage<StoredRun>> => {
  const cursor = after === undefined ? undefined : fromCursor("runs", filter, ["number", "number"], after);
  const start = cursor === undefined ? undefined : { due: Number(cursor[0]), pk: Number(cursor[1]) };
  if (matchesNothing(filter)) return { items: [], next: null };
  const source = await chooseSource(context, filter);
  if (source === undefined) return { items: [], next: null };

  const begin = start === undefined ? [] : [behind(source, start)];
  const indexed = partsOf(filter).map((part) => [...source.conditions, ...indexedConditions(part), ...begin]);
  const residual = residualConditions(filter, context.profile);
  const [end] =
    residual.length === 0 ? [] : await places(context, source, indexed, { limit: 1, offset: RUNS_PER_PAGE });
  const conditions = indexed.map((part) => [
    ...part,
    ...residual,
    ...(end === undefined ? [] : [notBehind(source, end)]),
  ]);
  const found = await places(context, source, conditions, { limit: limit + 1 });

  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : end;
  return {
    items: await readRuns(context, shown),
    next: last === undefined ? null : toCursor("runs", filter, [last.due, last.pk]),
  };
};

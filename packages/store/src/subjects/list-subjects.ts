import { type RawBuilder, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { foldText } from "../text/fold-text.ts";
import { fromCursor, type StorePage, toCursor } from "../paging/cursor.ts";
import { toScopedSubject } from "./scoped-subject.ts";
import type { StoredSubject, SubjectQuery } from "./subject-repository.ts";
import { type SubjectRow, toStoredSubjects } from "./subject-row.ts";

/** Subjects that one page looks through at most for a text, or for somebody who may not see all instances. */
const SUBJECTS_PER_PAGE = 10_000;
const SCOPED_SUBJECTS_PER_PAGE = 2_000;

type Sql = RawBuilder<unknown>;

/** The columns that a list is in order of. */
interface Order {
  readonly columns: readonly Sql[];
  readonly types: readonly ("string" | "number")[];
  readonly key: (row: SubjectRow) => readonly (string | number)[];
}

const BY_ID: Order = {
  columns: [sql`s.type`, sql`s.sort_id`, sql`s.id`],
  types: ["string", "string", "number"],
  key: (row) => [row.type, row.sort_id, row.id],
};

/** The same within one type: SQLite goes into an index only by columns that are not fixed otherwise. */
const WITHIN_TYPE: Order = {
  columns: [sql`s.sort_id`, sql`s.id`],
  types: ["string", "number"],
  key: (row) => [row.sort_id, row.id],
};

const BY_SUCCESS: Order = {
  columns: [sql`s.last_success_ended`, sql`s.id`],
  types: ["number", "number"],
  key: (row) => [row.last_success_ended, row.id],
};

const orderOf = ({ type, noSuccessSince }: SubjectQuery): Order => {
  if (noSuccessSince !== undefined) return BY_SUCCESS;
  return type === undefined ? BY_ID : WITHIN_TYPE;
};

/** Conditions that an index answers. */
const indexedConditions = ({ type, states, noSuccessSince }: SubjectQuery): readonly Sql[] => [
  ...(type === undefined ? [] : [sql`s.type = ${type}`]),
  ...(states?.length === 1 ? [sql`s.state = ${states[0]}`] : []),
  ...(noSuccessSince === undefined ? [] : [sql`s.last_success_ended < ${noSuccessSince}`]),
];

const residualConditions = ({ profile }: StoreContext, { text, instances, states }: SubjectQuery): readonly Sql[] => [
  // Not by the index of states: it is in order for each of them only, and all would have to be sorted.
  ...(states === undefined || states.length === 1 ? [] : [sql`coalesce(s.state, '') in (${sql.join(states)})`]),
  ...(text === undefined ? [] : [profile.contains(sql`s.folded_text`, foldText(text))]),
  ...(instances === undefined
    ? []
    : [
        sql`(exists (select 1 from run_subjects l cross join runs r where l.subject_pk = s.id and r.id = l.run_pk
          and r.instance_id in (${sql.join(instances)}))
          or (s.pending_total > 0 and exists (select 1 from trigger_subjects p cross join triggers t
          where p.subject_pk = s.id and p.is_pending = 1 and t.id = p.trigger_id
          and t.instance_id in (${sql.join(instances)}))))`,
      ]),
];

const where = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;

const read = async (
  { db }: StoreContext,
  { columns }: Order,
  conditions: readonly Sql[],
  limit: number,
): Promise<readonly SubjectRow[]> => {
  const { rows } = await sql<SubjectRow>`select s.* from subjects s ${where(conditions)}
    order by ${sql.join(columns)} limit ${limit}`.execute(db);
  return rows;
};

/** The place of the subject that a page must not go beyond; read from the index alone. */
const readEnd = async (
  { db }: StoreContext,
  { columns, key }: Order,
  conditions: readonly Sql[],
  reach: number,
): Promise<readonly (string | number)[] | undefined> => {
  const { rows } = await sql<SubjectRow>`select ${sql.join(columns)} from subjects s ${where(conditions)}
    order by ${sql.join(columns)} limit 1 offset ${reach}`.execute(db);
  return rows[0] === undefined ? undefined : key(rows[0]);
};

/** Rows as the reader may see them: from their own columns, or from their runs on some instances. */
const toItems = async (
  context: StoreContext,
  rows: readonly SubjectRow[],
  instances: readonly string[] | undefined,
): Promise<readonly StoredSubject[]> => {
  const subjects = await toStoredSubjects(context.db, rows);
  if (instances === undefined) return subjects;
  const scoped: StoredSubject[] = [];
  for (const [index, subject] of subjects.entries()) {
    const pk = rows[index]?.id;
    const seen = pk === undefined ? undefined : await toScopedSubject(context, subject, pk, instances);
    if (seen !== undefined) scoped.push(seen);
  }
  return scoped;
};

/** See `SubjectRepository.list`. */
export const listSubjects = async (context: StoreContext, query: SubjectQuery): Promise<StorePage<StoredSubject>> => {
  const { limit, after, ...filter } = query;
  const order = orderOf(query);
  const key = after === undefined ? undefined : fromCursor("subjects", filter, order.types, after);
  if (filter.states?.length === 0 || filter.instances?.length === 0) return { items: [], next: null };
  const place = sql`(${sql.join(order.columns)})`;
  const begin = key === undefined ? [] : [sql`${place} > (${sql.join([...key])})`];
  const indexed = [...indexedConditions(query), ...begin];
  const residual = residualConditions(context, query);
  const reach = filter.instances === undefined ? SUBJECTS_PER_PAGE : SCOPED_SUBJECTS_PER_PAGE;
  const end = residual.length === 0 ? undefined : await readEnd(context, order, indexed, reach);
  const until = end === undefined ? [] : [sql`${place} <= (${sql.join([...end])})`];
  const rows = await read(context, order, [...indexed, ...residual, ...until], limit + 1);
  const shown = rows.slice(0, limit);
  const [lastShown] = shown.slice(-1);
  const last = rows.length > limit && lastShown !== undefined ? order.key(lastShown) : end;
  return {
    items: await toItems(context, shown, filter.instances),
    next: last === undefined ? null : toCursor("subjects", filter, last),
  };
};

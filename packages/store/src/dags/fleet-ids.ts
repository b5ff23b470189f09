import { type SelectQueryBuilder, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { toStorableText } from "../text/storable-text.ts";
import { type FleetFilter, rowConditions, tagCondition, textMatches } from "./fleet-filter.ts";

/** Ids wanted: after `start`, up to `end` where there is one, at most `limit`. */
export interface IdRange {
  readonly start: string;
  readonly end: string | undefined;
  readonly limit: number;
}

/** More single reads than this in one statement cost more than one that sorts. */
const MOST_ARMS = 32;

/** Part of the filter that has one value in each arm, so that the arm is read from an index in order of id. */
type Arm = FleetFilter & { readonly tag?: string };

/**
 * Splits the filter into parts that are each read in order and only as far as the page needs. `tag in (a, b)` in one
 * statement would read and sort everything with either tag; two ordered reads of one page each, merged, do not.
 */
const toArms = (filter: FleetFilter): readonly Arm[] => {
  const { tags, states, instances, text } = filter;
  if (text !== undefined) return [filter];
  if (tags !== undefined && tags.length <= MOST_ARMS) {
    const { tags: _, ...rest } = filter;
    return [...new Set(tags.map(toStorableText))].map((tag) => ({ ...rest, tag }));
  }
  if (states !== undefined) return states.map((state) => ({ ...filter, states: [state] }));
  if (instances !== undefined && instances.length <= MOST_ARMS) {
    return instances.map((instance) => ({ ...filter, instances: [instance] }));
  }
  return [filter];
};

type IdQuery = SelectQueryBuilder<Database, "dags", { dag_id: string }>;

const bounded = (query: IdQuery, column: string, { start, end, limit }: IdRange): IdQuery => {
  const id = sql.ref<string>(column);
  const after = query.where(id, ">", start).orderBy(id).limit(limit);
  return end === undefined ? after : after.where(id, "<=", end);
};

/** From the tags or texts to the DAGs they belong to. SQLite keeps to the order of a cross join; it has no better. */
const joined = ({ db }: StoreContext, table: "dag_tags" | "dag_texts") =>
  db
    .selectFrom(table)
    .crossJoin("dags")
    .select(sql.ref<string>(`${table}.dag_id`).as("dag_id"))
    .distinct()
    .where(sql.ref<string>("dags.dag_id"), "=", sql.ref<string>(`${table}.dag_id`))
    .where(sql.ref<string>("dags.instance_id"), "=", sql.ref<string>(`${table}.instance_id`));

const armQuery = (context: StoreContext, arm: Arm, range: IdRange): IdQuery => {
  const { text, tag, tags } = arm;
  const base = (): { readonly query: IdQuery; readonly column: string } => {
    if (text !== undefined) {
      const query = joined(context, "dag_texts").where(textMatches(context.profile, text));
      return { query, column: "dag_texts.dag_id" };
    }
    if (tag !== undefined) {
      const query = joined(context, "dag_tags").where(sql.ref<string>("dag_tags.tag"), "=", tag);
      return { query, column: "dag_tags.dag_id" };
    }
    return { query: context.db.selectFrom("dags").select("dags.dag_id").distinct(), column: "dags.dag_id" };
  };
  const { query, column } = base();
  const matching = query.where((eb) => eb.and(rowConditions(eb, arm)));
  return bounded(tags === undefined ? matching : matching.where((eb) => tagCondition(eb, tags)), column, range);
};

/** Ids that have a cell which the filter lets through, in order; one statement. */
export const listFleetIds = async (
  context: StoreContext,
  filter: FleetFilter,
  range: IdRange,
): Promise<readonly string[]> => {
  const [first, ...others] = toArms(filter).map((arm) => armQuery(context, arm, range));
  if (first === undefined) return [];
  const whole = (query: IdQuery) => context.db.selectFrom(query.as("arm")).select("arm.dag_id");
  const query =
    others.length === 0
      ? first
      : others
          .reduce((union, arm) => union.union(whole(arm)), whole(first))
          .orderBy("dag_id")
          .limit(range.limit);
  return (await query.execute()).map((row) => row.dag_id);
};

import { type DagId, toDagId } from "@airfleet/model";
import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor } from "../paging/cursor.ts";
import { type DagCell, toCell } from "./dag-row.ts";
import {
  type FleetFilter,
  matchesNothing,
  rowConditions,
  tagCondition,
  textCondition,
  textMatches,
} from "./fleet-filter.ts";

/** A page of the fleet list, one row per DAG id. */
export interface FleetQuery extends FleetFilter {
  /** DAG ids wanted. */
  readonly limit: number;
  /** `next` of the page before, for the same filter. */
  readonly after?: string;
}

/** One DAG id over the fleet. */
export interface FleetDag {
  readonly dagId: DagId;
  /** Tags of the cells together, sorted. */
  readonly tags: readonly string[];
  /** Those that the filter lets through, in order of instance. */
  readonly cells: readonly DagCell[];
}

export interface FleetPage {
  readonly items: readonly FleetDag[];
  /** Null at the end. A page of a text search may hold less than `limit`, even nothing, and still go on. */
  readonly next: string | null;
}

/** Texts that one page of a search looks through at most: some 10 ms of either database. */
const TEXTS_PER_PAGE = 50_000;

const groupByDag = (cells: readonly DagCell[]): readonly FleetDag[] => {
  const groups = Map.groupBy(cells, ({ dag }) => dag.dagId);
  return [...groups].map(([dagId, group]) => {
    const tags = [...new Set(group.flatMap(({ dag }) => dag.tags))];
    tags.sort();
    return { dagId, tags, cells: group };
  });
};

/** The ids after `start`, in order, that have a cell the filter lets through: one more than the page holds. */
const listIds = async (
  { db, profile }: StoreContext,
  filter: FleetFilter,
  range: { readonly start: string; readonly end: string | undefined; readonly limit: number },
): Promise<readonly string[]> => {
  const { text, tags } = filter;
  let query = db
    .selectFrom("dags")
    .select("dags.dag_id")
    .distinct()
    .where((eb) => eb.and(rowConditions(eb, filter)))
    .where("dags.dag_id", ">", range.start)
    .orderBy("dags.dag_id")
    .limit(range.limit + 1);
  if (range.end !== undefined) query = query.where("dags.dag_id", "<=", range.end);
  if (tags !== undefined) {
    query = query.where((eb) =>
      eb(
        eb.refTuple("dags.instance_id", "dags.dag_id"),
        "in",
        eb
          .selectFrom("dag_tags")
          .select(["dag_tags.instance_id", "dag_tags.dag_id"])
          .where("dag_tags.tag", "in", tags)
          .$asTuple("instance_id", "dag_id"),
      ),
    );
  }
  if (text !== undefined) {
    query = query
      .innerJoin("dag_texts", (join) =>
        join.onRef("dag_texts.dag_id", "=", "dags.dag_id").onRef("dag_texts.instance_id", "=", "dags.instance_id"),
      )
      .where(textMatches(profile, text));
  }
  return (await query.execute()).map((row) => row.dag_id);
};

/** Where a search that starts after `start` has to stop; undefined when it may go on to the end. */
const searchEnd = async ({ db }: StoreContext, start: string): Promise<string | undefined> => {
  const row = await db
    .selectFrom("dag_texts")
    .select("dag_id")
    .where("dag_id", ">", start)
    .orderBy("dag_id")
    .offset(TEXTS_PER_PAGE)
    .limit(1)
    .executeTakeFirst();
  return row?.dag_id;
};

const listCells = async (
  { db, profile }: StoreContext,
  filter: FleetFilter,
  ids: readonly string[],
): Promise<readonly DagCell[]> => {
  const { text, tags } = filter;
  let query = db
    .selectFrom("dags")
    .selectAll("dags")
    .where("dags.dag_id", "in", ids)
    .where((eb) => eb.and(rowConditions(eb, filter)))
    .orderBy("dags.dag_id")
    .orderBy("dags.instance_id");
  if (tags !== undefined) query = query.where((eb) => tagCondition(eb, tags));
  if (text !== undefined) query = query.where((eb) => textCondition(eb, profile, text));
  return (await query.execute()).map(toCell);
};

/** Reads one page in two statements, three when text is searched, whatever the size of the fleet. */
export const listFleet = async (context: StoreContext, { limit, after, ...filter }: FleetQuery): Promise<FleetPage> => {
  const [start] = after === undefined ? [""] : fromCursor("dags", filter, ["string"], after);
  if (matchesNothing(filter)) return { items: [], next: null };
  const first = String(start);
  const end = filter.text === undefined ? undefined : await searchEnd(context, first);
  const ids = await listIds(context, filter, { start: first, end, limit });
  const shown = ids.slice(0, limit);
  const lastRead = ids.length > limit ? shown.at(-1) : end;
  const cells = shown.length === 0 ? [] : await listCells(context, filter, shown);
  return {
    items: groupByDag(cells),
    next: lastRead === undefined ? null : toCursor("dags", filter, [lastRead]),
  };
};

/** One DAG over the fleet, or undefined when no instance has it. */
export const getFleetDag = async (
  context: StoreContext,
  dagId: DagId,
  filter: Pick<FleetFilter, "instances"> = {},
): Promise<FleetDag | undefined> => {
  if (matchesNothing(filter)) return undefined;
  return groupByDag(await listCells(context, filter, [toDagId(dagId)]))[0];
};

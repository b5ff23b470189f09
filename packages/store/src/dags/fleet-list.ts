import { type DagId, toDagId } from "@airfleet/model";
import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor } from "../paging/cursor.ts";
import { type DagCell, toCell } from "./dag-row.ts";
import { type FleetFilter, matchesNothing, rowConditions, tagCondition, textCondition } from "./fleet-filter.ts";
import { listFleetIds } from "./fleet-ids.ts";

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

/** Texts that one page of a search looks through at most: 20 instances with 1,000 DAGs each, and then some. */
const TEXTS_PER_PAGE = 25_000;

const groupByDag = (cells: readonly DagCell[]): readonly FleetDag[] => {
  const groups = Map.groupBy(cells, ({ dag }) => dag.dagId);
  return [...groups].map(([dagId, group]) => {
    const tags = [...new Set(group.flatMap(({ dag }) => dag.tags))];
    tags.sort();
    return { dagId, tags, cells: group };
  });
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
  const ids = await listFleetIds(context, filter, { start: first, end, limit: limit + 1 });
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

import { type ExpressionBuilder, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { fromCursor, type StorePage, toCursor, toPage } from "../paging/cursor.ts";
import type { Database } from "../schema.ts";
import { foldText } from "../text/fold-text.ts";
import { toStorableText } from "../text/storable-text.ts";
import type { PipelineFilter, PipelineQuery, PipelineSummary } from "./pipeline-repository.ts";
import { termsOf } from "./pipeline-terms.ts";
import { SUMMARY_COLUMNS, toSummary } from "./pipeline-row.ts";

const conditions = (
  eb: ExpressionBuilder<Database, "pipelines">,
  { profile }: StoreContext,
  { text, tags, modules, connections, statuses, owner, tenant }: PipelineFilter,
) => [
  eb("removed_at", "is", null),
  ...(statuses === undefined ? [] : [eb("status", "in", statuses)]),
  ...(owner === undefined ? [] : [eb("owner", "=", toStorableText(owner))]),
  ...(tenant === undefined ? [] : [eb("tenant", "=", toStorableText(tenant))]),
  ...(text === undefined ? [] : [profile.contains(sql.ref<string>("folded_text"), foldText(text))]),
  ...termsOf({ tag: tags, module: modules, connection: connections }).map(({ kind, term }) =>
    eb.exists(
      eb
        .selectFrom("pipeline_terms")
        .select(sql.lit(1).as("one"))
        .whereRef("pipeline_terms.pipeline_id", "=", "pipelines.id")
        .where("pipeline_terms.kind", "=", kind)
        .where("pipeline_terms.term", "=", term),
    ),
  ),
];

const matchesNothing = ({ statuses }: PipelineFilter): boolean => statuses?.length === 0;

/** Newest first. What is drawn is not read. */
export const listPipelines = async (
  context: StoreContext,
  { limit, after, offset, ...filter }: PipelineQuery,
): Promise<StorePage<PipelineSummary>> => {
  const [createdAt, id] = after === undefined ? [] : fromCursor("pipelines", filter, ["number", "string"], after);
  if (matchesNothing(filter)) return { items: [], next: null };
  let rows = context.db
    .selectFrom("pipelines")
    .select(SUMMARY_COLUMNS)
    .where((eb) => eb.and(conditions(eb, context, filter)))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (offset !== undefined) rows = rows.offset(offset);
  if (createdAt !== undefined) rows = rows.where(sql<boolean>`(created_at, id) < (${createdAt}, ${id})`);
  const cursor = (last: { readonly created_at: number; readonly id: string }): string =>
    toCursor("pipelines", filter, [last.created_at, last.id]);
  return toPage(await rows.execute(), limit, { item: toSummary, cursor });
};

/** Counts up to `most`; a person need not know more exactly. */
export const countPipelines = async (context: StoreContext, filter: PipelineFilter, most: number): Promise<number> => {
  if (matchesNothing(filter)) return 0;
  const counted = context.db
    .selectFrom("pipelines")
    .select("id")
    .where((eb) => eb.and(conditions(eb, context, filter)))
    .limit(most)
    .as("counted");
  const row = await context.db
    .selectFrom(counted)
    .select((eb) => eb.fn.countAll<number>().as("rows"))
    .executeTakeFirstOrThrow();
  return row.rows;
};

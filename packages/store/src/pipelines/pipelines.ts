import type { PipelineContent } from "@airfleet/model";
import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor, toPage } from "../paging/cursor.ts";
import { objectFromJson } from "../text/stored-json.ts";
import { changePipeline, createPipeline, removePipeline } from "./change-pipelines.ts";
import { countPipelines, listPipelines } from "./list-pipelines.ts";
import type { PipelineRepository } from "./pipeline-repository.ts";
import { toPipeline } from "./pipeline-row.ts";

const nameIn = (content: string): string => String(objectFromJson(content)["name"]);

/** Pipelines and every version of them. */
export const createPipelineRepository = (context: StoreContext): PipelineRepository => {
  const { db } = context;

  const versions: PipelineRepository["versions"] = async (id, { limit, after }) => {
    const [before] = after === undefined ? [] : fromCursor("pipeline versions", { id }, ["number"], after);
    let rows = db
      .selectFrom("pipeline_versions")
      .selectAll()
      .where("pipeline_id", "=", id)
      .orderBy("revision", "desc")
      .limit(limit + 1);
    if (before !== undefined) rows = rows.where("revision", "<", Number(before));
    return toPage(await rows.execute(), limit, {
      item: (row) => ({
        pipeline: id,
        revision: row.revision,
        name: nameIn(row.content),
        planHash: row.plan_hash,
        author: row.author,
        note: row.note,
        createdAt: row.created_at,
      }),
      cursor: ({ revision }) => toCursor("pipeline versions", { id }, [revision]),
    });
  };

  return {
    create: (pipeline, author) => createPipeline(context, pipeline, author),
    list: (query) => listPipelines(context, query),
    count: (filter, most) => countPipelines(context, filter, most),
    change: (request, edit, author) => changePipeline(context, request, edit, author),
    remove: (request, author) => removePipeline(context, request, author),
    versions,

    async find(id) {
      const row = await db
        .selectFrom("pipelines")
        .selectAll()
        .where("id", "=", id)
        .where("removed_at", "is", null)
        .executeTakeFirst();
      return row === undefined ? undefined : toPipeline(row);
    },

    async removed(limit) {
      const rows = await db
        .selectFrom("pipelines")
        .selectAll()
        .where("removed_at", "is not", null)
        .orderBy("removed_at")
        .limit(limit)
        .execute();
      return rows.map(toPipeline);
    },

    purge: (id) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .deleteFrom("pipelines")
          .where("id", "=", id)
          .where("removed_at", "is not", null)
          .returning("id")
          .executeTakeFirst();
        if (row === undefined) return false;
        await trx.deleteFrom("pipeline_versions").where("pipeline_id", "=", id).execute();
        await trx.deleteFrom("pipeline_terms").where("pipeline_id", "=", id).execute();
        return true;
      }),

    async usage(kind) {
      const rows = await db
        .selectFrom("pipeline_terms")
        .innerJoin("pipelines", "pipelines.id", "pipeline_terms.pipeline_id")
        .select((eb) => ["term", eb.fn.countAll<number>().as("rows")])
        .where("kind", "=", kind)
        .where("removed_at", "is", null)
        .groupBy("term")
        .execute();
      return new Map(rows.map(({ term, rows: count }) => [term, count]));
    },

    async version(id, revision) {
      const row = await db
        .selectFrom("pipeline_versions")
        .selectAll()
        .where("pipeline_id", "=", id)
        .where("revision", "=", revision)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return {
        pipeline: id,
        revision,
        content: objectFromJson(row.content) as unknown as PipelineContent,
        planHash: row.plan_hash,
        author: row.author,
        note: row.note,
        createdAt: row.created_at,
      };
    },
  };
};

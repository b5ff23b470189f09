import { AirfleetError, isOnSchedule, type PipelineContent } from "@airfleet/model";
import type { Selectable, Transaction } from "kysely";
import { appendAudit } from "../audit/audit.ts";
import type { StoreContext } from "../context.ts";
import type { DocumentAuthor } from "../documents/document-repository.ts";
import { appendEvents } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { removeSchedules, syncPrimarySchedule } from "../schedules/primary-schedule.ts";
import { toCanonicalJson } from "../text/canonical-json.ts";
import type { JsonObject } from "../text/stored-json.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import type { NewPipeline, PipelineChange, PipelineRepository, StoredPipeline } from "./pipeline-repository.ts";
import { toColumns, toContent, toPipeline } from "./pipeline-row.ts";
import { termsOf } from "./pipeline-terms.ts";
import type { PipelineTable } from "./pipeline-tables.ts";

type Trx = Transaction<Database>;
type Verb = "create" | "update" | "remove";

const EVENTS = { create: "pipeline.created", update: "pipeline.changed", remove: "pipeline.removed" } as const;

/** The trail and the stream name what changed; the content itself stands in the versions. */
const tell = async (
  trx: Trx,
  context: StoreContext,
  told: {
    readonly verb: Verb;
    readonly pipeline: StoredPipeline;
    readonly author: DocumentAuthor;
    readonly details?: JsonObject;
  },
): Promise<void> => {
  const { verb, pipeline, author, details = {} } = told;
  const facts = { id: pipeline.id, name: pipeline.name, revision: pipeline.revision };
  await appendAudit(trx, context, [
    {
      actor: author.actor,
      verb: `pipeline:${verb}`,
      outcome: "done",
      details: { ...facts, plan_hash: pipeline.planHash, ...details },
      sourceIp: author.sourceIp ?? null,
      requestId: author.requestId ?? null,
    },
  ]);
  const payload = { ...facts, status: pipeline.status, plan_hash: pipeline.planHash, actor: author.actor };
  await appendEvents(trx, context, [{ kind: EVENTS[verb], tenant: pipeline.tenant, payload }]);
};

/** Four thousand nodes may name as many modules: a statement at a time, below what both databases take in one. */
const TERMS_PER_STATEMENT = 1_000;

const writeTerms = async (trx: Trx, id: string, { content, uses }: PipelineChange): Promise<void> => {
  await trx.deleteFrom("pipeline_terms").where("pipeline_id", "=", id).execute();
  const terms = termsOf({ tag: content.tags, module: uses?.modules, connection: uses?.connections });
  const values = terms.map((term) => ({ ...term, pipeline_id: id }));
  for (let start = 0; start < values.length; start += TERMS_PER_STATEMENT) {
    await trx
      .insertInto("pipeline_terms")
      .values(values.slice(start, start + TERMS_PER_STATEMENT))
      .execute();
  }
};

const keepVersion = async (
  trx: Trx,
  pipeline: StoredPipeline,
  { actor, note }: { readonly actor: string; readonly note: string | null },
): Promise<void> => {
  await trx
    .insertInto("pipeline_versions")
    .values({
      pipeline_id: pipeline.id,
      revision: pipeline.revision,
      content: JSON.stringify(toContent(pipeline)),
      plan_hash: pipeline.planHash,
      author: toStorableText(actor),
      note: toStorableOrNull(note),
      created_at: pipeline.updatedAt,
    })
    .execute();
};

export const createPipeline = (
  context: StoreContext,
  { id, note = null, at, ...change }: NewPipeline,
  author: DocumentAuthor,
): Promise<StoredPipeline> =>
  context.db.transaction().execute(async (trx) => {
    const { content, planHash } = change;
    const now = at ?? context.clock();
    const row = await trx
      .insertInto("pipelines")
      .values({
        id,
        ...toColumns(content),
        revision: 1,
        plan_hash: planHash,
        first_scheduled_at: isOnSchedule(content) ? now : null,
        created_by: toStorableText(author.actor),
        created_at: now,
        updated_at: now,
        removed_at: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw new AirfleetError("PIPELINE_EXISTS", { id });
    const pipeline = toPipeline(row);
    await writeTerms(trx, id, change);
    await keepVersion(trx, pipeline, { actor: author.actor, note });
    await syncPrimarySchedule(trx, context, pipeline, author.actor);
    await tell(trx, context, { verb: "create", pipeline, author });
    return pipeline;
  });

/** The row to change, held until the transaction ends. */
const hold = async (
  trx: Trx,
  { profile }: StoreContext,
  { id, revision }: { readonly id: string; readonly revision?: number | undefined },
): Promise<Selectable<PipelineTable>> => {
  const row = await trx
    .selectFrom("pipelines")
    .selectAll()
    .where("id", "=", id)
    .where("removed_at", "is", null)
    .modifyEnd(profile.forUpdate)
    .executeTakeFirst();
  if (row === undefined) throw new AirfleetError("PIPELINE_UNKNOWN", { id });
  if (revision === undefined || row.revision === revision) return row;
  const resource = `Pipeline "${row.name}"`;
  throw new AirfleetError("VERSION_CONFLICT", { resource, given: revision, current: row.revision });
};

const changedFields = (before: PipelineContent, after: PipelineContent): readonly string[] =>
  (Object.keys(after) as (keyof PipelineContent)[]).filter(
    (field) => toCanonicalJson(before[field]) !== toCanonicalJson(after[field]),
  );

const sameContent = (before: StoredPipeline, { content, planHash }: PipelineChange): boolean =>
  before.planHash === planHash && changedFields(toContent(before), content).length === 0;

export const changePipeline = (
  context: StoreContext,
  ...[request, edit, author]: Parameters<PipelineRepository["change"]>
): Promise<StoredPipeline> =>
  context.db.transaction().execute(async (trx) => {
    const before = toPipeline(await hold(trx, context, request));
    const { note = null } = request;
    const change = edit(before);
    if (sameContent(before, change)) return before;
    const { content, planHash } = change;
    const now = change.at ?? context.clock();
    const row = await trx
      .updateTable("pipelines")
      .set({
        ...toColumns(content),
        revision: before.revision + 1,
        plan_hash: planHash,
        first_scheduled_at: before.firstScheduledAt ?? (isOnSchedule(content) ? now : null),
        updated_at: now,
      })
      .where("id", "=", before.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const pipeline = toPipeline(row);
    await writeTerms(trx, pipeline.id, change);
    await keepVersion(trx, pipeline, { actor: author.actor, note });
    await syncPrimarySchedule(trx, context, pipeline, author.actor);
    const details = { changed: changedFields(toContent(before), content) };
    await tell(trx, context, { verb: "update", pipeline, author, details });
    return pipeline;
  });

export const removePipeline = (
  context: StoreContext,
  ...[request, author]: Parameters<PipelineRepository["remove"]>
): Promise<StoredPipeline> =>
  context.db.transaction().execute(async (trx) => {
    const { id } = await hold(trx, context, request);
    const row = await trx
      .updateTable("pipelines")
      .set({ removed_at: context.clock() })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const pipeline = toPipeline(row);
    await removeSchedules(trx, context, id);
    await tell(trx, context, { verb: "remove", pipeline, author });
    return pipeline;
  });

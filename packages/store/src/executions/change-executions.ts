import { type Selectable, sql, type Transaction, type Updateable } from "kysely";
import { appendAudit } from "../audit/audit.ts";
import type { StoreContext } from "../context.ts";
import type { DocumentAuthor } from "../documents/document-repository.ts";
import { appendEvents } from "../events/events.ts";
import { runKeyOf } from "../runs/run-key.ts";
import type { Database } from "../schema.ts";
import type { JsonObject } from "../text/stored-json.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import type {
  ExecutionLease,
  ExecutionNews,
  ExecutionRepository,
  LeasedExecution,
  NewExecution,
  StoredExecution,
} from "./execution-repository.ts";
import { executionChanged, executionParamsPlace, toExecution } from "./execution-row.ts";
import type { ExecutionTable } from "./execution-tables.ts";

type Trx = Transaction<Database>;
type Row = Selectable<ExecutionTable>;

const audit = (
  trx: Trx,
  context: StoreContext,
  told: {
    readonly verb: "execution:start" | "execution:cancel";
    readonly row: Row;
    readonly author: DocumentAuthor;
    readonly details: JsonObject;
  },
): Promise<void> => {
  const { verb, row, author, details } = told;
  return appendAudit(trx, context, [
    {
      actor: author.actor,
      verb,
      outcome: "requested",
      instance: row.instance_id,
      dagId: row.dag_id,
      runId: row.run_id,
      details: { execution: row.id, pipeline: row.pipeline_id, ...details },
      sourceIp: author.sourceIp ?? null,
      requestId: author.requestId ?? null,
    },
  ]);
};

/** Within the caller's transaction. */
export const insertExecution = async (
  trx: Trx,
  context: StoreContext,
  execution: NewExecution,
  author: DocumentAuthor,
): ReturnType<ExecutionRepository["create"]> => {
  const { id, instance, dagId, runId, scope, params } = execution;
  const now = context.clock();
  const row = await trx
    .insertInto("executions")
    .values({
      id,
      pipeline_id: execution.pipeline,
      revision: execution.revision,
      artifact_hash: execution.artifactHash,
      instance_id: instance,
      dag_id: dagId,
      run_id: runId,
      run_key: runKeyOf({ instance, dagId, runId }),
      trigger_id: null,
      schedule_id: execution.schedule ?? null,
      tick: execution.tick ?? null,
      scope,
      request_hash: execution.requestHash,
      trigger_type: execution.triggerType,
      triggered_by: toStorableText(author.actor),
      is_discovered: 0,
      status: "pending",
      stage: "preparing",
      stage_note: null,
      started_at: null,
      completed_at: null,
      sealed_params: Object.keys(params).length === 0 ? null : context.box.seal(executionParamsPlace(id), params),
      engine_state: null,
      result: null,
      error_code: null,
      error_message: null,
      error_trace: null,
      metrics: "null",
      cancelled_by: null,
      cancelled_at: null,
      work_at: context.now(),
      lease_until: null,
      fencing_token: 0,
      attempts: 0,
      deadline_at: execution.deadlineAt,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) {
    const known = await trx
      .selectFrom("executions")
      .selectAll()
      .where((eb) => (scope === null ? eb("id", "=", id) : eb.or([eb("scope", "=", scope), eb("id", "=", id)])))
      .executeTakeFirstOrThrow();
    return { execution: toExecution(known, context.box), created: false };
  }
  await audit(trx, context, {
    verb: "execution:start",
    row,
    author,
    details: { trigger_type: row.trigger_type, revision: row.revision, params: Object.keys(params) },
  });
  await appendEvents(trx, context, [executionChanged(row, null)]);
  return { execution: toExecution(row, context.box), created: true };
};

export const createExecution = (
  context: StoreContext,
  execution: NewExecution,
  author: DocumentAuthor,
): ReturnType<ExecutionRepository["create"]> =>
  context.db.transaction().execute((trx) => insertExecution(trx, context, execution, author));

const isFree = (now: StoreContext["now"]) => sql<boolean>`(lease_until is null or lease_until <= ${now()})`;

/** Leases work that is due; the work of a process that died is due again when its lease has run out. */
export const claimExecutions = async (
  context: StoreContext,
  { leaseMs, limit, only }: Parameters<ExecutionRepository["claim"]>[0],
): Promise<readonly LeasedExecution[]> => {
  const { db, now, profile, box } = context;
  const rows = await db
    .updateTable("executions")
    .set((eb) => ({
      lease_until: sql<number>`${now()} + ${leaseMs}`,
      fencing_token: eb("fencing_token", "+", 1),
      attempts: eb("attempts", "+", 1),
    }))
    .where("id", "in", (eb) => {
      const free = eb.selectFrom("executions").select("id").where(isFree(now));
      const due = only === undefined ? free.where("work_at", "<=", now()) : free.where("id", "=", only);
      return due.orderBy("work_at").orderBy("id").limit(limit).modifyEnd(profile.forUpdateSkipLocked);
    })
    .returningAll()
    .execute();
  rows.sort((left, right) => left.created_at - right.created_at || (left.id < right.id ? -1 : 1));
  return rows.map((row) => ({
    execution: toExecution(row, box),
    lease: { id: row.id, fencingToken: row.fencing_token, stage: row.stage as LeasedExecution["lease"]["stage"] },
  }));
};

const hold = (trx: Trx, { profile }: StoreContext, id: string): Promise<Row | undefined> =>
  trx.selectFrom("executions").selectAll().where("id", "=", id).modifyEnd(profile.forUpdate).executeTakeFirst();

const toColumns = (news: ExecutionNews): Updateable<ExecutionTable> => ({
  ...(news.stageNote === undefined ? {} : { stage_note: toStorableOrNull(news.stageNote) }),
  ...(news.revision === undefined ? {} : { revision: news.revision }),
  ...(news.artifactHash === undefined ? {} : { artifact_hash: news.artifactHash }),
  ...(news.trigger === undefined ? {} : { trigger_id: news.trigger }),
  ...(news.result === undefined ? {} : { result: news.result === null ? null : JSON.stringify(news.result) }),
  ...(news.metrics === undefined ? {} : { metrics: JSON.stringify(news.metrics) }),
  ...(news.completedAt === undefined ? {} : { completed_at: news.completedAt }),
  ...(news.error === undefined
    ? {}
    : {
        error_code: news.error?.code ?? null,
        error_message: toStorableOrNull(news.error?.message),
        error_trace: toStorableOrNull(news.error?.trace),
      }),
});

/** See `ExecutionRepository.finish`. What happened to the execution meanwhile is not undone by it. */
export const finishExecution = (
  context: StoreContext,
  { id, fencingToken, stage }: ExecutionLease,
  news: ExecutionNews,
): Promise<StoredExecution | undefined> =>
  context.db.transaction().execute(async (trx) => {
    const row = await hold(trx, context, id);
    if (row === undefined || row.fencing_token !== fencingToken) return undefined;
    const status = row.cancelled_at === null ? (news.status ?? row.status) : row.status;
    // A reading may have moved it on while we worked: what that wants done comes first.
    const isOvertaken = row.stage !== stage;
    const next = await trx
      .updateTable("executions")
      .set({
        ...toColumns(news),
        status,
        ...(isOvertaken
          ? {}
          : {
              stage: news.stage,
              work_at: news.againInMs === null ? null : sql<number>`${context.now()} + ${news.againInMs}`,
            }),
        lease_until: null,
        updated_at: context.clock(),
      })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    if (status !== row.status) await appendEvents(trx, context, [executionChanged(next, row.status)]);
    return toExecution(next, context.box);
  });

export const cancelExecution = (
  context: StoreContext,
  id: string,
  author: DocumentAuthor,
): ReturnType<ExecutionRepository["cancel"]> =>
  context.db.transaction().execute(async (trx) => {
    const row = await hold(trx, context, id);
    if (row === undefined) return undefined;
    if (row.status !== "pending" && row.status !== "running") {
      return { execution: toExecution(row, context.box), cancelled: false };
    }
    const now = context.clock();
    const next = await trx
      .updateTable("executions")
      .set((eb) => ({
        status: "cancelled",
        stage: "stopping",
        stage_note: null,
        completed_at: new Date(now).toISOString(),
        cancelled_by: toStorableText(author.actor),
        cancelled_at: now,
        work_at: context.now(),
        // Whoever works on it now may do so to the end, but has no say any more.
        fencing_token: eb("fencing_token", "+", 1),
        lease_until: null,
        deadline_at: null,
        updated_at: now,
      }))
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await audit(trx, context, { verb: "execution:cancel", row: next, author, details: { was: row.status } });
    await appendEvents(trx, context, [executionChanged(next, row.status)]);
    return { execution: toExecution(next, context.box), cancelled: true };
  });

/** Frees what a former process of a store with a single process had leased; nobody else can be at work on it. */
export const reclaimAllExecutions = async ({ db }: Pick<StoreContext, "db">): Promise<void> => {
  await db.updateTable("executions").set({ lease_until: null }).where("lease_until", "is not", null).execute();
};

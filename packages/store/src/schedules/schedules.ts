import { AirfleetError } from "@airfleet/model";
import { type Selectable, type SelectQueryBuilder, sql, type Transaction } from "kysely";
import { appendAudit } from "../audit/audit.ts";
import type { StoreContext } from "../context.ts";
import type { DocumentAuthor } from "../documents/document-repository.ts";
import { appendEvents } from "../events/events.ts";
import { insertExecution } from "../executions/change-executions.ts";
import type { StoredExecution } from "../executions/execution-repository.ts";
import { fromCursor, toCursor, toPage } from "../paging/cursor.ts";
import type { Database } from "../schema.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import type { ScheduleFilter, ScheduleRepository, ScheduleWrite, StoredSchedule } from "./schedule-repository.ts";
import { scheduleChanged, sealScheduleParams, toSchedule } from "./schedule-row.ts";
import type { ScheduleTable } from "./schedule-table.ts";

type Trx = Transaction<Database>;
type Verb = "create" | "update" | "remove";

const LIST = "schedules";
const CHANGES = { create: "created", update: "updated", remove: "removed" } as const;

const toColumns = (
  context: StoreContext,
  id: string,
  { name, description, definition, params, isActive, runBy, nextTick }: ScheduleWrite,
) => ({
  name: toStorableText(name),
  description: toStorableOrNull(description),
  definition: JSON.stringify(definition),
  sealed_params: sealScheduleParams(context.box, id, params),
  is_active: isActive ? 1 : 0,
  run_by: runBy,
  next_tick: isActive && runBy === "airfleet" ? nextTick : null,
  updated_at: context.clock(),
});

/** Times and flags; of parameters only their names. */
const toDetails = ({ id, pipeline, name, definition, params, isActive, runBy }: StoredSchedule) => ({
  id,
  pipeline,
  name,
  definition,
  params: Object.keys(params),
  is_active: isActive,
  run_by: runBy,
});

const tell = async (
  trx: Trx,
  context: StoreContext,
  told: { readonly verb: Verb; readonly schedule: StoredSchedule; readonly author: DocumentAuthor },
): Promise<void> => {
  const { verb, schedule, author } = told;
  await appendAudit(trx, context, [
    {
      actor: author.actor,
      verb: `schedule:${verb}`,
      outcome: "done",
      details: toDetails(schedule),
      sourceIp: author.sourceIp ?? null,
      requestId: author.requestId ?? null,
    },
  ]);
  await appendEvents(trx, context, [scheduleChanged(schedule, CHANGES[verb])]);
};

const hold = async (
  trx: Trx,
  { profile }: StoreContext,
  id: string,
  version: number,
): Promise<Selectable<ScheduleTable>> => {
  const row = await trx
    .selectFrom("schedules")
    .selectAll()
    .where("id", "=", id)
    .modifyEnd(profile.forUpdate)
    .executeTakeFirst();
  if (row === undefined) throw new AirfleetError("SCHEDULE_UNKNOWN", { id });
  if (row.version === version) return row;
  throw new AirfleetError("VERSION_CONFLICT", {
    resource: `Schedule "${row.name}"`,
    given: version,
    current: row.version,
  });
};

const narrow = <Shown>(
  rows: SelectQueryBuilder<Database, "schedules", Shown>,
  { pipeline, isActive, runBy }: ScheduleFilter,
): SelectQueryBuilder<Database, "schedules", Shown> => {
  let found = rows;
  if (pipeline !== undefined) found = found.where("pipeline_id", "=", pipeline);
  if (isActive !== undefined) found = found.where("is_active", "=", isActive ? 1 : 0);
  if (runBy !== undefined) found = found.where("run_by", "=", runBy);
  return found;
};

/** Schedules of pipelines. */
export const createScheduleRepository = (context: StoreContext): ScheduleRepository => {
  const { db, box, now, profile } = context;
  const orUndefined = (row: Selectable<ScheduleTable> | undefined): StoredSchedule | undefined =>
    row === undefined ? undefined : toSchedule(row, box);

  return {
    create: ({ id, pipeline, ...write }, author) =>
      db.transaction().execute(async (trx) => {
        const columns = toColumns(context, id, write);
        const row = await trx
          .insertInto("schedules")
          .values({
            id,
            pipeline_id: pipeline,
            ...columns,
            is_primary: 0,
            epoch: 1,
            anchor: columns.updated_at,
            last_tick: null,
            lease_until: null,
            fencing_token: 0,
            version: 1,
            created_by: toStorableText(author.actor),
            created_at: columns.updated_at,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        const schedule = toSchedule(row, box);
        await tell(trx, context, { verb: "create", schedule, author });
        return schedule;
      }),

    async find(id) {
      return orUndefined(await db.selectFrom("schedules").selectAll().where("id", "=", id).executeTakeFirst());
    },

    async primaryOf(pipeline) {
      const rows = db.selectFrom("schedules").selectAll().where("pipeline_id", "=", pipeline);
      return orUndefined(await rows.where("is_primary", "=", 1).executeTakeFirst());
    },

    async list({ limit, after, offset, ...filter }) {
      const [createdAt, id] = after === undefined ? [] : fromCursor(LIST, filter, ["number", "string"], after);
      let rows = narrow(db.selectFrom("schedules").selectAll(), filter)
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(limit + 1);
      if (offset !== undefined) rows = rows.offset(offset);
      if (createdAt !== undefined) rows = rows.where(sql<boolean>`(created_at, id) < (${createdAt}, ${id})`);
      return toPage(await rows.execute(), limit, {
        item: (row) => toSchedule(row, box),
        cursor: (last) => toCursor(LIST, filter, [last.created_at, last.id]),
      });
    },

    async count(filter, most) {
      const counted = narrow(db.selectFrom("schedules").select("id"), filter).limit(most).as("counted");
      const row = await db
        .selectFrom(counted)
        .select((eb) => eb.fn.countAll<number>().as("rows"))
        .executeTakeFirstOrThrow();
      return row.rows;
    },

    update: (id, write, version, author) =>
      db.transaction().execute(async (trx) => {
        await hold(trx, context, id, version);
        const row = await trx
          .updateTable("schedules")
          .set((eb) => ({
            ...toColumns(context, id, write),
            epoch: eb("epoch", "+", 1),
            version: eb("version", "+", 1),
            lease_until: null,
          }))
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirstOrThrow();
        const schedule = toSchedule(row, box);
        await tell(trx, context, { verb: "update", schedule, author });
        return schedule;
      }),

    remove: (id, version, author) =>
      db.transaction().execute(async (trx) => {
        const schedule = toSchedule(await hold(trx, context, id, version), box);
        await trx.deleteFrom("schedules").where("id", "=", id).execute();
        await tell(trx, context, { verb: "remove", schedule, author });
      }),

    async claimDue({ leaseMs, limit }) {
      const rows = await db
        .updateTable("schedules")
        .set((eb) => ({
          lease_until: sql<number>`${now()} + ${leaseMs}`,
          fencing_token: eb("fencing_token", "+", 1),
        }))
        .where("id", "in", (eb) =>
          eb
            .selectFrom("schedules")
            .select("id")
            .where("next_tick", "<=", now())
            .where((free) => free.or([free("lease_until", "is", null), free("lease_until", "<=", now())]))
            .orderBy("next_tick")
            .limit(limit)
            .modifyEnd(profile.forUpdateSkipLocked),
        )
        .returningAll()
        .execute();
      return rows.map((row) => ({
        schedule: toSchedule(row, box),
        lease: { id: row.id, fencingToken: row.fencing_token, epoch: row.epoch },
      }));
    },

    serve: ({ id, fencingToken, epoch }, { executions, lastTick, nextTick }, author) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable("schedules")
          .set({
            next_tick: nextTick,
            ...(lastTick === null ? {} : { last_tick: lastTick }),
            lease_until: null,
          })
          .where("id", "=", id)
          .where("fencing_token", "=", fencingToken)
          .where("epoch", "=", epoch)
          .where("is_active", "=", 1)
          .returning("id")
          .executeTakeFirst();
        if (row === undefined) return undefined;
        const made: StoredExecution[] = [];
        for (const execution of executions) {
          made.push((await insertExecution(trx, context, execution, author)).execution);
        }
        return made;
      }),

    async nextDue() {
      const row = await db
        .selectFrom("schedules")
        .select("next_tick")
        .where("next_tick", "is not", null)
        .orderBy("next_tick")
        .limit(1)
        .executeTakeFirst();
      return row?.next_tick ?? null;
    },
  };
};

/** Frees what a former process of a store with a single process had leased; nobody else can be at work on it. */
export const reclaimAllSchedules = async ({ db }: Pick<StoreContext, "db">): Promise<void> => {
  await db.updateTable("schedules").set({ lease_until: null }).where("lease_until", "is not", null).execute();
};

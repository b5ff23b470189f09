import type { SelectQueryBuilder } from "kysely";
import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor, toPage } from "../paging/cursor.ts";
import type { Database } from "../schema.ts";
import { cancelExecution, claimExecutions, createExecution, finishExecution } from "./change-executions.ts";
import type { ExecutionFilter, ExecutionRepository, ScheduleTally } from "./execution-repository.ts";
import { toExecution } from "./execution-row.ts";

const LIST = "executions";

const matchesNothing = ({ statuses, instances }: ExecutionFilter): boolean =>
  statuses?.length === 0 || instances?.length === 0;

const narrow = <Shown>(
  rows: SelectQueryBuilder<Database, "executions", Shown>,
  { pipeline, statuses, instances, schedule, triggerType }: ExecutionFilter,
): SelectQueryBuilder<Database, "executions", Shown> => {
  let found = rows;
  if (pipeline !== undefined) found = found.where("pipeline_id", "=", pipeline);
  if (statuses !== undefined) found = found.where("status", "in", statuses);
  if (instances !== undefined) found = found.where("instance_id", "in", instances);
  if (schedule !== undefined) found = found.where("schedule_id", "=", schedule);
  if (triggerType !== undefined) found = found.where("trigger_type", "=", triggerType);
  return found;
};

/** Executions of pipelines. */
export const createExecutionRepository = (context: StoreContext): ExecutionRepository => {
  const { db, box } = context;
  return {
    create: (execution, author) => createExecution(context, execution, author),
    claim: (request) => claimExecutions(context, request),
    finish: (lease, news) => finishExecution(context, lease, news),
    cancel: (id, author) => cancelExecution(context, id, author),

    async find(id) {
      const row = await db.selectFrom("executions").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toExecution(row, box);
    },

    async findByScope(scope) {
      const row = await db.selectFrom("executions").selectAll().where("scope", "=", scope).executeTakeFirst();
      return row === undefined ? undefined : toExecution(row, box);
    },

    async list({ limit, after, offset, ...filter }) {
      const [createdAt, id] = after === undefined ? [] : fromCursor(LIST, filter, ["number", "string"], after);
      if (matchesNothing(filter)) return { items: [], next: null };
      let rows = narrow(db.selectFrom("executions").selectAll(), filter)
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(limit + 1);
      if (offset !== undefined) rows = rows.offset(offset);
      if (createdAt !== undefined) rows = rows.where(sql<boolean>`(created_at, id) < (${createdAt}, ${id})`);
      return toPage(await rows.execute(), limit, {
        item: (row) => toExecution(row, box),
        cursor: (last) => toCursor(LIST, filter, [last.created_at, last.id]),
      });
    },

    async count(filter, most) {
      if (matchesNothing(filter)) return 0;
      const counted = narrow(db.selectFrom("executions").select("id"), filter).limit(most).as("counted");
      const row = await db
        .selectFrom(counted)
        .select((eb) => eb.fn.countAll<number>().as("rows"))
        .executeTakeFirstOrThrow();
      return row.rows;
    },

    async collectAgain(id) {
      await db
        .updateTable("executions")
        .set({ stage: "collecting", work_at: context.now() })
        .where("id", "=", id)
        .where("stage", "=", "done")
        .execute();
    },

    async tallies(schedules) {
      if (schedules.length === 0) return new Map();
      const rows = await db
        .selectFrom("executions")
        .select(["schedule_id", "status"])
        .select((eb) => [eb.fn.countAll<number>().as("rows"), eb.fn.max("created_at").as("last")])
        .where("schedule_id", "in", schedules)
        .groupBy(["schedule_id", "status"])
        .execute();
      const tallies = new Map<string, ScheduleTally>();
      for (const { schedule_id, status, rows: count, last } of rows) {
        const id = schedule_id ?? "";
        const { total, successful, failed, lastAt } = tallies.get(id) ?? NONE;
        tallies.set(id, {
          total: total + count,
          successful: successful + (status === "success" ? count : 0),
          failed: failed + (status === "failed" ? count : 0),
          lastAt: Math.max(lastAt ?? 0, last),
        });
      }
      return tallies;
    },
  };
};

const NONE: ScheduleTally = { total: 0, successful: 0, failed: 0, lastAt: null };

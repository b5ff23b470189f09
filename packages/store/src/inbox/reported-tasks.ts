import { type ReportedTask, type RunKey, type TaskState, toTaskId } from "@airfleet/model";
import { sql, type Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";

/** What was last reported of one try of a task. */
export interface StoredReportedTask extends ReportedTask {
  /** By our clock, epoch milliseconds. */
  readonly receivedAt: number;
}

/** Tasks as they were reported, which is no proof of how they stand. */
export interface ReportedTaskRepository {
  /** Each try of each task of a run that was reported, by task, map index and try. */
  list(run: RunKey): Promise<readonly StoredReportedTask[]>;
}

/** A task of a run, as one report has it. */
export interface NewReportedTask extends StoredReportedTask {
  readonly run: RunKey;
}

/** Rows per statement. */
const CHUNK = 200;
/** Stands for a task that is not mapped, and for a try whose number was not told. */
const NONE = -1;

const ENDS = ["success", "failed", "up_for_retry", "upstream_failed", "skipped", "removed"];

/** Whether what was said of a try later is to be believed: a try that has ended does not go on. Without its number it may be another try. */
const isBelieved = sql<boolean>`excluded.try_number = ${sql.lit(NONE)}
  or reported_tasks.state not in (${sql.join(ENDS.map((state) => sql.lit(state)))})
  or excluded.state in (${sql.join(ENDS.map((state) => sql.lit(state)))})`;

/** Keeps what is news of each try; one try must not come twice. */
export const writeReportedTasks = async (
  trx: Transaction<Database>,
  tasks: readonly NewReportedTask[],
): Promise<void> => {
  for (const chunk of inChunks(tasks, CHUNK)) {
    await trx
      .insertInto("reported_tasks")
      .values(
        chunk.map((task) => ({
          run_key: task.run,
          task_id: toStorableText(task.taskId),
          map_index: task.mapIndex ?? NONE,
          try_number: task.tryNumber ?? NONE,
          state: task.state,
          started_at: task.startedAt,
          ended_at: task.endedAt,
          hostname: toStorableOrNull(task.hostname),
          pid: task.pid,
          process_ends: task.processEnds ? 1 : 0,
          received_at: task.receivedAt,
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(["run_key", "task_id", "map_index", "try_number"])
          .doUpdateSet({
            state: sql<string>`case when ${isBelieved} then excluded.state else reported_tasks.state end`,
            started_at: sql`coalesce(excluded.started_at, reported_tasks.started_at)`,
            ended_at: sql`coalesce(excluded.ended_at, reported_tasks.ended_at)`,
            hostname: sql`coalesce(excluded.hostname, reported_tasks.hostname)`,
            pid: sql`coalesce(excluded.pid, reported_tasks.pid)`,
            process_ends: sql<number>`case when excluded.process_ends = 1 or (excluded.try_number <> ${sql.lit(NONE)} and reported_tasks.process_ends = 1) then 1 else 0 end`,
            received_at: sql`excluded.received_at`,
          })
          .where(
            sql<boolean>`excluded.received_at >= reported_tasks.received_at and (excluded.state <> reported_tasks.state
              or excluded.process_ends > reported_tasks.process_ends
              or coalesce(excluded.started_at, '') <> coalesce(reported_tasks.started_at, '')
              or coalesce(excluded.ended_at, '') <> coalesce(reported_tasks.ended_at, '')
              or coalesce(excluded.pid, -1) <> coalesce(reported_tasks.pid, -1))`,
          ),
      )
      .execute();
  }
};

export const createReportedTaskRepository = ({ db }: StoreContext): ReportedTaskRepository => ({
  async list(run) {
    const rows = await db
      .selectFrom("reported_tasks")
      .selectAll()
      .where("run_key", "=", run)
      .orderBy("task_id")
      .orderBy("map_index")
      .orderBy("try_number")
      .execute();
    return rows.map((row) => ({
      taskId: toTaskId(row.task_id),
      mapIndex: row.map_index === NONE ? null : row.map_index,
      tryNumber: row.try_number === NONE ? null : row.try_number,
      state: row.state as TaskState,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      hostname: row.hostname,
      pid: row.pid,
      processEnds: row.process_ends === 1,
      receivedAt: row.received_at,
    }));
  },
});

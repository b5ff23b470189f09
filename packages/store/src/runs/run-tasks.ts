import { type RunKey, type TaskInstance, toRunKey } from "@airfleet/model";
import { type Insertable, type Selectable, sql, type Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { fromJson } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";
import { findRunPk } from "./find-runs.ts";
import type { RunRepository, RunTasks } from "./run-repository.ts";
import type { RunTaskTable, RunTryTable } from "./run-tables.ts";
import { toTryRow, writeTries } from "./run-tries.ts";

/** Rows per statement. */
const CHUNK = 2_000;

/** Runs per transaction: on SQLite others wait for it. */
const RUNS = 100;

type TaskKey = Pick<RunTaskTable, "run_pk" | "task_id" | "map_index">;

const toRow = (pk: number, task: TaskInstance, observedAt: number) => ({
  run_pk: pk,
  task_id: toStorableText(task.taskId),
  map_index: task.mapIndex,
  state: task.state,
  task: JSON.stringify(task),
  observed_at: observedAt,
});

const rowName = (row: { readonly run_pk: number; readonly task_id: string; readonly map_index: number }): string =>
  `${row.run_pk} ${row.map_index} ${row.task_id}`;

/** Runs of which nobody has read the tasks later, by key. */
const lockRuns = async (
  trx: Transaction<Database>,
  { profile }: StoreContext,
  keys: readonly RunKey[],
  observedAt: number,
): Promise<ReadonlyMap<string, number>> => {
  const rows = await trx
    .selectFrom("runs")
    .select(["id", "key", "tasks_at"])
    .where("key", "in", keys)
    .orderBy("key")
    .modifyEnd(profile.forUpdate)
    .execute();
  return new Map(rows.filter(({ tasks_at }) => (tasks_at ?? 0) <= observedAt).map(({ key, id }) => [key, id]));
};

const dropRows = async (trx: Transaction<Database>, rows: readonly TaskKey[]): Promise<void> => {
  for (const chunk of inChunks(rows, CHUNK)) {
    const each = chunk.map(
      (row) => sql`(cast(${row.run_pk} as bigint), ${row.task_id}, cast(${row.map_index} as bigint))`,
    );
    await sql`delete from run_tasks where (run_pk, task_id, map_index) in (values ${sql.join(each)})`.execute(trx);
  }
};

const writeRows = async (trx: Transaction<Database>, rows: readonly Insertable<RunTaskTable>[]): Promise<void> => {
  for (const chunk of inChunks(rows, CHUNK)) {
    await trx
      .insertInto("run_tasks")
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(["run_pk", "task_id", "map_index"]).doUpdateSet({
          state: sql`excluded.state`,
          task: sql`excluded.task`,
          observed_at: sql`excluded.observed_at`,
        }),
      )
      .execute();
  }
};

/** Tries that were the present ones and are no more. */
const leftBehind = (
  known: readonly Selectable<RunTaskTable>[],
  rows: ReadonlyMap<string, Pick<RunTaskTable, "task">>,
): readonly Insertable<RunTryTable>[] =>
  known.flatMap((row) => {
    const before = fromJson(row.task) as TaskInstance;
    const text = rows.get(rowName(row))?.task;
    if (text === undefined || text === row.task) return [];
    const isOver = before.tryNumber > 0 && (fromJson(text) as TaskInstance).tryNumber > before.tryNumber;
    return isOver ? [toTryRow(row.run_pk, before, row.observed_at)] : [];
  });

const putChunk = (context: StoreContext, readings: readonly RunTasks[], observedAt: number): Promise<void> =>
  context.db.transaction().execute(async (trx) => {
    const keys = readings.map(({ key }) => key);
    const pks = await lockRuns(trx, context, keys, observedAt);
    if (pks.size === 0) return;
    const ids = [...pks.values()];
    const known = await trx.selectFrom("run_tasks").selectAll().where("run_pk", "in", ids).execute();
    const before = new Map(known.map((row) => [rowName(row), row.task]));
    const rows = new Map(
      readings.flatMap(({ key, tasks }) => {
        const pk = pks.get(key);
        if (pk === undefined) return [];
        return tasks.map((task) => toRow(pk, task, observedAt)).map((row) => [rowName(row), row] as const);
      }),
    );
    await writeTries(trx, leftBehind(known, rows));
    await dropRows(
      trx,
      known.filter((row) => !rows.has(rowName(row))),
    );
    await writeRows(
      trx,
      [...rows.values()].filter((row) => before.get(rowName(row)) !== row.task),
    );
    await trx.updateTable("runs").set({ tasks_at: observedAt }).where("id", "in", ids).execute();
  });

/** The part of the run repository that knows the tasks of a run. */
export const createRunTasks = (context: StoreContext): Pick<RunRepository, "putTasks" | "tasks" | "tasksReadAt"> => ({
  async putTasks(readings, observedAt) {
    for (const chunk of inChunks(readings, RUNS)) await putChunk(context, chunk, observedAt);
  },

  async tasksReadAt(keys) {
    const readAt = new Map<RunKey, number>();
    for (const chunk of inChunks(keys, CHUNK)) {
      const rows = context.db.selectFrom("runs").select(["key", "tasks_at"]).where("key", "in", chunk);
      for (const { key, tasks_at } of await rows.execute()) if (tasks_at !== null) readAt.set(toRunKey(key), tasks_at);
    }
    return readAt;
  },

  async tasks(key) {
    const pk = await findRunPk(context.db, key);
    if (pk === undefined) return [];
    const rows = await context.db
      .selectFrom("run_tasks")
      .select(["task", "observed_at"])
      .where("run_pk", "=", pk)
      .orderBy("task_id")
      .orderBy("map_index")
      .execute();
    return rows.map((row) => ({ task: fromJson(row.task) as TaskInstance, observedAt: row.observed_at }));
  },
});

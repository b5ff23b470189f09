import type { RunKey, TaskAddress, TaskInstance } from "@airfleet/model";
import type { Insertable, Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { fromJson } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";
import { findRunPk } from "./find-runs.ts";
import type { RunRepository } from "./run-repository.ts";
import type { RunTryTable } from "./run-tables.ts";

/** Rows per statement. */
const CHUNK = 1_000;

/** Keeps tries that are over: what was read of one first may have been read while it ran, so the last reading counts. */
export const writeTries = async (
  trx: Transaction<Database>,
  rows: readonly Insertable<RunTryTable>[],
): Promise<void> => {
  for (const chunk of inChunks(rows, CHUNK)) {
    await trx
      .insertInto("run_tries")
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(["run_pk", "task_id", "map_index", "try_number"]).doUpdateSet((eb) => ({
          task: eb.ref("excluded.task"),
          observed_at: eb.ref("excluded.observed_at"),
        })),
      )
      .execute();
  }
};

export const toTryRow = (pk: number, task: TaskInstance, observedAt: number): Insertable<RunTryTable> => ({
  run_pk: pk,
  task_id: toStorableText(task.taskId),
  map_index: task.mapIndex,
  try_number: task.tryNumber,
  task: JSON.stringify(task),
  observed_at: observedAt,
});

/** The part of the run repository that knows the earlier tries of tasks. */
export const createRunTries = (context: StoreContext): Pick<RunRepository, "putTries" | "tries" | "countTries"> => ({
  async putTries(key: RunKey, tries: readonly TaskInstance[], observedAt: number) {
    await context.db.transaction().execute(async (trx) => {
      const pk = await findRunPk(trx, key);
      if (pk === undefined) return;
      await writeTries(
        trx,
        tries.map((task) => toTryRow(pk, task, observedAt)),
      );
    });
  },

  async tries(key: RunKey, { taskId, mapIndex }: Pick<TaskAddress, "taskId" | "mapIndex">) {
    const pk = await findRunPk(context.db, key);
    if (pk === undefined) return [];
    const rows = await context.db
      .selectFrom("run_tries")
      .select(["task", "observed_at"])
      .where("run_pk", "=", pk)
      .where("task_id", "=", toStorableText(taskId))
      .where("map_index", "=", mapIndex)
      .orderBy("try_number")
      .execute();
    return rows.map((row) => ({ task: fromJson(row.task) as TaskInstance, observedAt: row.observed_at }));
  },

  async countTries(key: RunKey) {
    const pk = await findRunPk(context.db, key);
    if (pk === undefined) return new Map();
    const rows = await context.db
      .selectFrom("run_tries")
      .select(["task_id", "map_index"])
      .select((eb) => eb.fn.countAll<number>().as("tries"))
      .where("run_pk", "=", pk)
      .groupBy(["task_id", "map_index"])
      .execute();
    return new Map(rows.map((row) => [`${row.map_index} ${row.task_id}`, row.tries]));
  },
});

import type { TaskInstance } from "@airfleet/model";
import { sql } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import { fromJson } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";
import { findRunPk } from "./find-runs.ts";
import type { RunRepository } from "./run-repository.ts";

/** Rows per statement. */
const CHUNK = 2_000;

const nameOf = (row: { readonly task_id: string; readonly map_index: number }): string =>
  JSON.stringify([row.task_id, row.map_index]);

const toRow = (pk: number, task: TaskInstance, observedAt: number) => ({
  run_pk: pk,
  task_id: toStorableText(task.taskId),
  map_index: task.mapIndex,
  state: task.state,
  task: JSON.stringify(task),
  observed_at: observedAt,
});

/** The part of the run repository that knows the tasks of a run. */
export const createRunTasks = ({ db, profile }: StoreContext): Pick<RunRepository, "putTasks" | "tasks"> => ({
  putTasks: (key, tasks, observedAt) =>
    db.transaction().execute(async (trx) => {
      const run = await trx
        .selectFrom("runs")
        .select(["id", "tasks_at"])
        .where("key", "=", key)
        .modifyEnd(profile.forUpdate)
        .executeTakeFirst();
      // Somebody else has looked later than this reading was begun.
      if (run === undefined || (run.tasks_at ?? 0) > observedAt) return;
      const known = await trx.selectFrom("run_tasks").selectAll().where("run_pk", "=", run.id).execute();
      const before = new Map(known.map((row) => [nameOf(row), row.task]));
      const rows = new Map(tasks.map((task) => toRow(run.id, task, observedAt)).map((row) => [nameOf(row), row]));
      const changed = [...rows.values()].filter((row) => before.get(nameOf(row)) !== row.task);
      const gone = known.filter((row) => !rows.has(nameOf(row)));
      for (const row of gone) {
        await trx
          .deleteFrom("run_tasks")
          .where("run_pk", "=", run.id)
          .where("task_id", "=", row.task_id)
          .where("map_index", "=", row.map_index)
          .execute();
      }
      for (const chunk of inChunks(changed, CHUNK)) {
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
      await trx.updateTable("runs").set({ tasks_at: observedAt }).where("id", "=", run.id).execute();
    }),

  async tasks(key) {
    const pk = await findRunPk(db, key);
    if (pk === undefined) return [];
    const rows = await db
      .selectFrom("run_tasks")
      .select(["task", "observed_at"])
      .where("run_pk", "=", pk)
      .orderBy("task_id")
      .orderBy("map_index")
      .execute();
    return rows.map((row) => ({ task: fromJson(row.task) as TaskInstance, observedAt: row.observed_at }));
  },
});

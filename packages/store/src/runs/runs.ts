import { toInstanceId } from "@airfleet/model";
import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { findRun, findRunPk, findRunRows, toStoredRuns } from "./find-runs.ts";
import { listRuns } from "./list-runs.ts";
import { observeRuns } from "./observe-runs.ts";
import { removeRuns } from "./remove-runs.ts";
import { foldDropped } from "./removed-runs.ts";
import { countHeldRuns, countLiveRuns, countOpenFailures } from "./run-counts.ts";
import { runKeyOf } from "./run-key.ts";
import type { RunRepository, StoredObservation } from "./run-repository.ts";
import { createRunSubjects } from "./run-subjects.ts";
import { createRunTasks } from "./run-tasks.ts";
import { createRunTries } from "./run-tries.ts";

const BATCH = 500;

/** Spelled as the index of live runs has it: SQLite takes the index for no other words. */
const IS_LIVE = sql<boolean>`state in ('queued', 'running')`;

export const createRunRepository = (context: StoreContext): RunRepository => {
  const { db } = context;
  return {
    ...createRunSubjects(context),
    ...createRunTasks(context),
    ...createRunTries(context),
    observe: (request) => observeRuns(context, request),
    find: (key) => findRun(db, key),
    list: (query) => listRuns(context, query),
    remove: async (keys, reason) => (await removeRuns(context, keys, { reason })).length,
    foldRemoved: (before, batch = BATCH) => foldDropped(context, before, batch),

    async findMany(instance, runs) {
      const keys = runs.map(({ dagId, runId }) => runKeyOf({ instance, dagId, runId }));
      return toStoredRuns(db, await findRunRows(db, keys));
    },

    async history(key) {
      const pk = await findRunPk(db, key);
      if (pk === undefined) return [];
      const rows = await db.selectFrom("observations").selectAll().where("run_pk", "=", pk).orderBy("number").execute();
      return rows.map((row) => ({
        at: row.at,
        recordedAt: row.recorded_at,
        source: row.source as StoredObservation["source"],
        kind: row.kind as StoredObservation["kind"],
        state: row.state as StoredObservation["state"],
        engineState: row.engine_state,
      }));
    },

    async listLive(instance, limit) {
      const rows = db.selectFrom("runs").selectAll().where("instance_id", "=", instance).where(IS_LIVE);
      return toStoredRuns(db, await rows.orderBy("read_at").orderBy("id").limit(limit).execute());
    },

    async listDue({ instance, from, to, limit, after }) {
      let rows = db
        .selectFrom("runs")
        .selectAll()
        .where("instance_id", "=", instance)
        .where("due_at", ">=", Math.max(from, after?.dueAt ?? from))
        .where("due_at", "<", to)
        .where("gone_at", "is", null);
      if (after !== undefined) {
        rows = rows.where((eb) => eb(eb.refTuple("due_at", "key"), ">", eb.tuple(after.dueAt, after.key as string)));
      }
      return toStoredRuns(db, await rows.orderBy("due_at").orderBy("key").limit(limit).execute());
    },

    countLive: () => countLiveRuns(context),
    countOpenFailures: () => countOpenFailures(context),
    countHeld: (before) => countHeldRuns(context, before),

    async wasRemoved(instance, { dagId, runId }) {
      const key = runKeyOf({ instance: toInstanceId(instance), dagId, runId });
      return (
        (await db.selectFrom("removed_runs").select("key").where("key", "=", key).executeTakeFirst()) !== undefined
      );
    },
  };
};

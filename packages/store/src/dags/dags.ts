import type { Dag, DagId, InstanceId } from "@airfleet/model";
import type { StoreContext } from "../context.ts";
import { type DagCell, type LastRun, toCell } from "./dag-row.ts";
import { createDagSweep, type DagSweep } from "./dag-sweep.ts";
import type { FleetFilter } from "./fleet-filter.ts";
import { type FleetDag, type FleetPage, type FleetQuery, getFleetDag, listFleet } from "./fleet-list.ts";
import { createLastRuns } from "./last-runs.ts";

/** DAGs of all instances: one row per instance and DAG, written only when something changed. */
export interface DagRepository {
  /** Begins a reading of the whole list of an instance, at `startedAt` (epoch milliseconds). */
  sweep(instance: InstanceId, startedAt: number): DagSweep;
  /** Takes in single DAGs, read after an action for instance. @returns Ids of those that changed. */
  observe(instance: InstanceId, dags: readonly Dag[], readAt: number): Promise<readonly DagId[]>;
  /** Notes the newest run of each DAG. @returns Ids of those whose last run changed. */
  observeLastRuns(
    instance: InstanceId,
    runs: readonly (LastRun & { readonly dagId: DagId })[],
    readAt: number,
  ): Promise<readonly DagId[]>;
  find(instance: InstanceId, dagId: DagId): Promise<DagCell | undefined>;
  listFleet(query: FleetQuery): Promise<FleetPage>;
  getFleetDag(dagId: DagId, filter?: Pick<FleetFilter, "instances">): Promise<FleetDag | undefined>;
  /** Drops rows that are gone since before this time, a batch at a time. @returns How many; call again until 0. */
  forgetGone(before: number, batch?: number): Promise<number>;
  /** Drops what is known of an instance's DAGs, a batch at a time. @returns How many; call again until 0. */
  forgetInstance(instance: InstanceId, batch?: number): Promise<number>;
}

const BATCH = 500;

export const createDagRepository = (context: StoreContext): DagRepository => {
  const { db } = context;

  const forget = (rows: readonly { readonly dag_id: string; readonly instance_id: string }[]): Promise<number> =>
    db.transaction().execute(async (trx) => {
      for (const { dag_id, instance_id } of rows) {
        for (const table of ["dag_tags", "dag_texts", "dags"] as const) {
          await trx.deleteFrom(table).where("instance_id", "=", instance_id).where("dag_id", "=", dag_id).execute();
        }
      }
      return rows.length;
    });

  return {
    ...createLastRuns(context),
    sweep: (instance, startedAt) => createDagSweep(context, instance, startedAt),
    observe: (instance, dags, readAt) => createDagSweep(context, instance, readAt).add(dags, readAt),
    listFleet: (query) => listFleet(context, query),
    getFleetDag: (dagId, filter) => getFleetDag(context, dagId, filter),

    async find(instance, dagId) {
      const row = await db
        .selectFrom("dags")
        .selectAll()
        .where("dag_id", "=", dagId)
        .where("instance_id", "=", instance)
        .where("gone_at", "is", null)
        .executeTakeFirst();
      return row === undefined ? undefined : toCell(row);
    },

    async forgetGone(before, batch = BATCH) {
      const rows = db.selectFrom("dags").select(["dag_id", "instance_id"]).where("gone_at", "<", before).limit(batch);
      return forget(await rows.execute());
    },

    async forgetInstance(instance, batch = BATCH) {
      await db.deleteFrom("import_errors").where("instance_id", "=", instance).execute();
      const rows = db
        .selectFrom("dags")
        .select(["dag_id", "instance_id"])
        .where("instance_id", "=", instance)
        .limit(batch);
      return forget(await rows.execute());
    },
  };
};

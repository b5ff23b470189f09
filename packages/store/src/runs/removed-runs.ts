import type { InstanceId, RunKey } from "@airfleet/model";
import type { Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { toStorableText } from "../text/storable-text.ts";
import { begunTime } from "./due-time.ts";
import type { MergedRun } from "./merge-batch.ts";

/** A run that the store does not have, with what was just seen of it. */
export interface UnknownRun {
  readonly key: RunKey;
  readonly instance: InstanceId;
  readonly merged: MergedRun;
}

const placeOf = (instance: string, dagId: string): string => JSON.stringify([instance, dagId]);

/**
 * Which of these retention has dropped: they stay away, although the engine still has them, until they have visibly begun
 * anew (cleared, rerun). That is told by the engine's own times, so our clock does not matter. What is merely heard of a
 * dropped run proves nothing; the reading that follows does.
 */
export const droppedAmong = async (
  trx: Transaction<Database>,
  runs: readonly UnknownRun[],
): Promise<ReadonlySet<RunKey>> => {
  const [first] = runs;
  if (first === undefined) return new Set();
  const keys = runs.map(({ key }) => key);
  const removed = await trx.selectFrom("removed_runs").select(["key", "begun_at"]).where("key", "in", keys).execute();
  const begunAt = new Map(removed.map((row) => [row.key, row.begun_at]));
  const dags = [...new Set(runs.map(({ merged }) => toStorableText(merged.record.dagId)))];
  const folded = await trx
    .selectFrom("run_dags")
    .select(["dag_id", "removed_due", "removed_begun"])
    .where("instance_id", "=", first.instance)
    .where("dag_id", "in", dags)
    .where("removed_due", "is not", null)
    .execute();
  const horizons = new Map(folded.map((row) => [row.dag_id, row]));
  const isDropped = ({ key, merged }: UnknownRun): boolean => {
    const { read, dagId } = merged.record;
    const begun = begunTime(merged.record);
    const known = begunAt.get(key);
    if (known !== undefined) return read === null || begun <= known;
    const horizon = horizons.get(toStorableText(dagId));
    if (read === null || horizon === undefined) return false;
    return merged.dueAt <= (horizon.removed_due ?? -1) && begun <= (horizon.removed_begun ?? -1);
  };
  return new Set(runs.filter(isDropped).map(({ key }) => key));
};

/** Dropped runs that are back are no longer dropped. */
export const forgetDropped = async (trx: Transaction<Database>, keys: readonly RunKey[]): Promise<void> => {
  if (keys.length > 0) await trx.deleteFrom("removed_runs").where("key", "in", keys).execute();
};

/**
 * Folds what was dropped before `before` into one horizon per DAG and instance, so that what is remembered stays bounded
 * by the number of DAGs: an unknown run that was due and begun no later than the last of them stays away as well.
 *
 * @returns How many; call again until 0.
 */
export const foldDropped = ({ db }: StoreContext, before: number, batch: number): Promise<number> =>
  db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom("removed_runs")
      .selectAll()
      .where("removed_at", "<", before)
      .orderBy("removed_at")
      .limit(batch)
      .execute();
    if (rows.length === 0) return 0;
    const byDag = Map.groupBy(rows, (row) => placeOf(row.instance_id, row.dag_id));
    const horizons = [...byDag.values()].flatMap((group) => {
      const [row] = group;
      if (row === undefined) return [];
      const due = Math.max(...group.map(({ due_at }) => due_at));
      const begun = Math.max(...group.map(({ begun_at }) => begun_at));
      return [{ instance_id: row.instance_id, dag_id: row.dag_id, removed_due: due, removed_begun: begun }];
    });
    await trx
      .insertInto("run_dags")
      .values(horizons)
      .onConflict((conflict) =>
        conflict.columns(["instance_id", "dag_id"]).doUpdateSet((eb) => ({
          removed_due: eb
            .case()
            .when("run_dags.removed_due", ">", eb.ref("excluded.removed_due"))
            .then(eb.ref("run_dags.removed_due"))
            .else(eb.ref("excluded.removed_due"))
            .end(),
          removed_begun: eb
            .case()
            .when("run_dags.removed_begun", ">", eb.ref("excluded.removed_begun"))
            .then(eb.ref("run_dags.removed_begun"))
            .else(eb.ref("excluded.removed_begun"))
            .end(),
        })),
      )
      .execute();
    const keys = rows.map(({ key }) => key);
    await trx.deleteFrom("removed_runs").where("key", "in", keys).execute();
    return rows.length;
  });

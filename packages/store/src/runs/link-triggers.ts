import type { InstanceId } from "@airfleet/model";
import type { Transaction } from "kysely";
import type { Database } from "../schema.ts";
import type { RunRow } from "./run-row.ts";

type Place = Pick<RunRow, "key" | "dag_id" | "run_id">;

/** A trigger that was sent, or is being sent; one that still waits has made no run, and a rejected one found somebody else's. */
const LINKED_STATES = ["sending", "accepted"];

/** The trigger that asked for each of these runs, by the run's key. */
export const triggersOf = async (
  trx: Transaction<Database>,
  instance: InstanceId,
  runs: readonly Place[],
): Promise<ReadonlyMap<string, string>> => {
  if (runs.length === 0) return new Map();
  const rows = await trx
    .selectFrom("triggers")
    .select(["id", "dag_id", "run_id"])
    .where("instance_id", "=", instance)
    .where("dag_id", "in", [...new Set(runs.map((run) => run.dag_id))])
    .where("run_id", "in", [...new Set(runs.map((run) => run.run_id))])
    .where("state", "in", LINKED_STATES)
    .orderBy("id")
    .execute();
  const nameOf = (place: Pick<Place, "dag_id" | "run_id">): string => JSON.stringify([place.dag_id, place.run_id]);
  const byPlace = new Map(rows.map((row) => [nameOf(row), row.id]));
  return new Map(
    runs.flatMap((run) => {
      const id = byPlace.get(nameOf(run));
      return id === undefined ? [] : [[run.key, id] as const];
    }),
  );
};

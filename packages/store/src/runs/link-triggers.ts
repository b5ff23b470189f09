import type { InstanceId } from "@airfleet/model";
import type { Transaction } from "kysely";
import type { Database } from "../schema.ts";
import type { RunRow } from "./run-row.ts";

/** A run that may be of a trigger's making. */
export interface TriggeredRun extends Pick<RunRow, "key" | "dag_id" | "run_id"> {
  /** It is the trigger's sender who tells of it. */
  readonly isTold: boolean;
  /** The hash of its conf; null where that is not known. */
  readonly confHash: () => string | null;
}

/** A trigger that was sent, or is being sent; one that still waits has made no run, and a rejected one found somebody else's. */
const LINKED_STATES = ["sending", "accepted"];

const nameOf = (place: Pick<RunRow, "dag_id" | "run_id">): string => JSON.stringify([place.dag_id, place.run_id]);

/**
 * The trigger that asked for each of these runs, by the run's key. While a trigger is being sent, a run under its id may
 * be somebody else's, who was faster: it is the trigger's when the sender says so, or when its conf is the one asked for,
 * by which the sender too tells them apart.
 */
export const triggersOf = async (
  trx: Transaction<Database>,
  instance: InstanceId,
  runs: readonly TriggeredRun[],
): Promise<ReadonlyMap<string, string>> => {
  if (runs.length === 0) return new Map();
  const rows = await trx
    .selectFrom("triggers")
    .select(["id", "dag_id", "run_id", "state", "conf_hash"])
    .where("instance_id", "=", instance)
    .where("dag_id", "in", [...new Set(runs.map((run) => run.dag_id))])
    .where("run_id", "in", [...new Set(runs.map((run) => run.run_id))])
    .where("state", "in", LINKED_STATES)
    .orderBy("id")
    .execute();
  const byPlace = Map.groupBy(rows, nameOf);
  return new Map(
    runs.flatMap((run) => {
      const own = (byPlace.get(nameOf(run)) ?? []).findLast(
        ({ state, conf_hash }) => state === "accepted" || run.isTold || run.confHash() === conf_hash,
      );
      return own === undefined ? [] : [[run.key, own.id] as const];
    }),
  );
};

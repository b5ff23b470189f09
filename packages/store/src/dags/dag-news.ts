import type { Dag, InstanceId } from "@airfleet/model";
import type { Selectable } from "kysely";
import type { EventNote } from "../events/events.ts";
import type { DagTable } from "../schema.ts";
import type { JsonObject } from "../text/stored-json.ts";

/** Columns whose change is told to listeners. */
export const TOLD_COLUMNS = ["is_paused", "is_stale", "has_import_errors", "schedule"] as const;

/** A DAG as it was before: what of it is told, and whether it was there at all. */
export type DagBefore = Pick<Selectable<DagTable>, (typeof TOLD_COLUMNS)[number] | "gone_at">;

/** What of a DAG is told to listeners. */
const told = (dag: Pick<Dag, "isPaused" | "isStale" | "hasImportErrors" | "schedule">) => ({
  is_paused: dag.isPaused,
  is_stale: dag.isStale,
  has_import_errors: dag.hasImportErrors,
  schedule: dag.schedule,
});

const toldBefore = (row: DagBefore): ReturnType<typeof told> => ({
  is_paused: row.is_paused === 1,
  is_stale: row.is_stale === 1,
  has_import_errors: row.has_import_errors === 1,
  schedule: row.schedule,
});

/**
 * What one sweep has to tell. Up to its budget every DAG gets an event `dag.changed` with what changed of it; what goes
 * beyond is counted, and told at the end by one `instance.changed`: an instance that is read for the first time, or got
 * a thousand DAGs at once, must not drown its listeners.
 */
export interface DagNews {
  /** The event about a DAG that was written; undefined when nothing that is told has changed, or it is only counted. */
  written(before: DagBefore | undefined, dag: Dag): EventNote | undefined;
  gone(dagId: string, before: DagBefore): EventNote | undefined;
  /** The event about what was only counted. */
  rest(): EventNote | undefined;
}

/** Single events that one sweep tells at most. */
export const NEWS_PER_SWEEP = 500;

/** @param budget DAGs that are told one by one; 0 for an instance that is read for the first time. */
export const createDagNews = (instance: InstanceId, budget: number): DagNews => {
  let left = budget;
  const counts = { dags_new: 0, dags_changed: 0, dags_gone: 0 };

  const tell = (count: keyof typeof counts, dagId: string, payload: JsonObject): EventNote | undefined => {
    if (left === 0) {
      counts[count] += 1;
      return undefined;
    }
    left -= 1;
    return { kind: "dag.changed", instance, dagId, payload };
  };

  return {
    written(before, dag) {
      const after = told(dag);
      if (before === undefined || before.gone_at !== null)
        return tell("dags_new", dag.dagId, { change: "new", before: null, after });
      const was = toldBefore(before);
      const changed = TOLD_COLUMNS.filter((column) => was[column] !== after[column]);
      if (changed.length === 0) return undefined;
      const pick = (from: typeof was): JsonObject =>
        Object.fromEntries(changed.map((column) => [column, from[column]]));
      return tell("dags_changed", dag.dagId, { change: "changed", before: pick(was), after: pick(after) });
    },
    gone: (dagId, before) => tell("dags_gone", dagId, { change: "gone", before: toldBefore(before), after: null }),
    rest() {
      const after = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
      if (Object.keys(after).length === 0) return undefined;
      return { kind: "instance.changed", instance, payload: { before: {}, after } };
    },
  };
};

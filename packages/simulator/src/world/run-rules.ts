import type { Micros } from "../clock/instant.ts";
import { ticksOf } from "../scheduler/ticks.ts";
import type { DagRecord } from "./dag-record.ts";
import type { World } from "./world.ts";

/** Characters that both generations accept in a run id of the client's choice. */
export const RUN_ID = /^[A-Za-z0-9_.~:+-]+$/;
export const LONGEST_RUN_ID = 250;

const RESERVED = {
  2: ["backfill", "scheduled", "dataset_triggered"],
  3: ["backfill", "scheduled", "asset_triggered", "asset_materialization"],
} as const;

/** The complaint about an id with a prefix that the engine keeps for runs of its own. */
export const complaintAboutPrefix = (world: World, runId: string): string | undefined => {
  const type = RESERVED[world.generation].find((reserved) => runId.startsWith(`${reserved}__`));
  return type === undefined
    ? undefined
    : `A manual DAG run cannot use ID '${runId}' since it is reserved for ${type} runs`;
};

/** The data interval that Airflow gives a manual run at this date. */
export const manualInterval = (
  world: World,
  dag: DagRecord,
  at: Micros,
): { readonly start: Micros; readonly end: Micros } => {
  const ticks = ticksOf(dag.serialized);
  if (ticks === undefined) return { start: at, end: at };
  const end = ticks.atOrBefore(at) ?? at;
  if (world.generation === 3) return { start: end, end };
  return { start: ticks.atOrBefore(end - 1) ?? end, end };
};

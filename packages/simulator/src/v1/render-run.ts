import { type Micros, toOffsetDate } from "../clock/instant.ts";
import type { RunRecord } from "../world/run-record.ts";
import { lastDecisionAtOf } from "../world/run-clockwork.ts";
import type { World } from "../world/world.ts";

export const dateOrNull = (at: Micros | null): string | null => (at === null ? null : toOffsetDate(at));

const RUN_TYPES = {
  manual: "manual",
  scheduled: "scheduled",
  backfill: "backfill",
  asset_triggered: "dataset_triggered",
  asset_materialization: "dataset_triggered",
} as const;

/** A run as all of Airflow 2's operations show it. */
export const renderRun = (world: World, run: RunRecord): object => ({
  conf: run.conf,
  dag_id: run.dag.dagId,
  dag_run_id: run.runId,
  data_interval_end: dateOrNull(run.intervalEnd),
  data_interval_start: dateOrNull(run.intervalStart),
  end_date: dateOrNull(run.endAt),
  execution_date: dateOrNull(run.logicalAt),
  external_trigger: run.runType === "manual",
  last_scheduling_decision: dateOrNull(lastDecisionAtOf(world, run)),
  logical_date: dateOrNull(run.logicalAt),
  note: run.note,
  run_type: RUN_TYPES[run.runType],
  start_date: dateOrNull(run.startAt),
  state: run.state,
});

import { type Micros, SECOND, toZuluDate } from "../clock/instant.ts";
import { lastDecisionAtOf } from "../world/run-clockwork.ts";
import type { RunRecord } from "../world/run-record.ts";
import type { World } from "../world/world.ts";
import { renderVersion } from "./render-dag.ts";

export const dateOrNull = (at: Micros | null): string | null => (at === null ? null : toZuluDate(at));

/** Seconds a finished run took. */
export const runDurationOf = (run: RunRecord): number | null =>
  run.startAt === null || run.endAt === null ? null : (run.endAt - run.startAt) / SECOND;

/** A run as all of Airflow 3's operations show it. */
export const renderRun = (world: World, run: RunRecord): object => ({
  dag_run_id: run.runId,
  dag_id: run.dag.dagId,
  logical_date: dateOrNull(run.logicalAt),
  queued_at: dateOrNull(run.queuedAt),
  start_date: dateOrNull(run.startAt),
  end_date: dateOrNull(run.endAt),
  duration: runDurationOf(run),
  data_interval_start: dateOrNull(run.intervalStart),
  data_interval_end: dateOrNull(run.intervalEnd),
  run_after: toZuluDate(run.runAfter),
  last_scheduling_decision: dateOrNull(lastDecisionAtOf(world, run)),
  run_type: run.runType,
  state: run.state,
  triggered_by: run.triggeredBy,
  triggering_user_name: run.triggeringUser,
  conf: run.conf,
  note: run.note,
  dag_versions: run.version === undefined ? [] : [renderVersion(run.dag, run.version)],
  bundle_version: null,
  dag_display_name: run.dag.parsed.displayName ?? run.dag.dagId,
  partition_key: null,
  partition_date: null,
});

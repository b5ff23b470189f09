import { type Run, type RunState, type RunType, toDagId, toRunId } from "@airfleet/model";
import { fromMicros, fromMicrosOrNull, type Micros } from "../instants.ts";

/** A run as the database keeps it. `id` names its folder and its logs. */
export interface RunRow {
  readonly id: number;
  readonly dag_id: string;
  readonly run_id: string;
  readonly version: number;
  readonly state: RunState;
  readonly type: RunType;
  readonly conf: string;
  readonly note: string | null;
  readonly logical_date: Micros | null;
  readonly interval_start: Micros | null;
  readonly interval_end: Micros | null;
  readonly run_after: Micros;
  readonly queued_at: Micros;
  readonly started_at: Micros | null;
  readonly ended_at: Micros | null;
  readonly updated_at: Micros;
  readonly has_files: number;
}

export const toRun = (row: RunRow): Run => ({
  dagId: toDagId(row.dag_id),
  runId: toRunId(row.run_id),
  state: row.state,
  engineState: row.state,
  type: row.type,
  logicalDate: fromMicrosOrNull(row.logical_date),
  intervalStart: fromMicrosOrNull(row.interval_start),
  intervalEnd: fromMicrosOrNull(row.interval_end),
  runAfter: fromMicros(row.run_after),
  queuedAt: fromMicros(row.queued_at),
  startedAt: fromMicrosOrNull(row.started_at),
  endedAt: fromMicrosOrNull(row.ended_at),
  conf: JSON.parse(row.conf) as Record<string, unknown>,
  note: row.note,
  triggeredBy: null,
  versionNumbers: [row.version],
});

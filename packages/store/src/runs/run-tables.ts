import type { Generated } from "kysely";

/** One run. Instants stand as the engine wrote them; `…_ms` beside them is the same for ranges. `heard` and `conf` are JSON. */
export interface RunTable {
  readonly id: Generated<number>;
  readonly key: string;
  readonly instance_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly state: string;
  readonly partial: number;
  readonly due_at: number;
  /** 0 for a run that was only heard of. */
  readonly read_at: number;
  readonly gone_at: number | null;
  /** What was read, in our words; null for a run that was only heard of. */
  readonly read_state: string | null;
  readonly engine_state: string | null;
  readonly hollow: string | null;
  readonly type: string | null;
  readonly logical_date: string | null;
  readonly interval_start: string | null;
  readonly interval_end: string | null;
  readonly run_after: string | null;
  readonly queued_at: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly started_ms: number | null;
  readonly ended_ms: number | null;
  readonly stopped_at: number | null;
  readonly stopped_started_at: string | null;
  readonly triggered_by: string | null;
  readonly trigger_id: string | null;
  readonly discovered_by: string;
  readonly subjects_total: number;
  readonly observations_total: number;
  readonly tasks_at: number | null;
  readonly first_seen_at: number;
  readonly changed_at: number;
  readonly version_numbers: string;
  readonly heard: string | null;
  readonly note: string | null;
  readonly conf: string | null;
}

export interface ObservationTable {
  readonly run_pk: number;
  readonly number: number;
  readonly at: number;
  readonly recorded_at: number;
  readonly source: string;
  readonly kind: string;
  readonly state: string;
  readonly engine_state: string | null;
}

export interface RunTaskTable {
  readonly run_pk: number;
  readonly task_id: string;
  readonly map_index: number;
  readonly state: string;
  readonly task: string;
  readonly observed_at: number;
}

/** A try of a task that is over. */
export interface RunTryTable {
  readonly run_pk: number;
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly task: string;
  readonly observed_at: number;
}

export interface RunConfTable {
  readonly name: string;
  readonly value: string;
  readonly due_at: number;
  readonly run_pk: number;
}

/** `removed_…`: an unknown run that was due and begun no later was dropped by retention. */
export interface RunDagTable {
  readonly instance_id: string;
  readonly dag_id: string;
  readonly last_success_run: number | null;
  readonly last_success_due: number | null;
  readonly removed_due: number | null;
  readonly removed_begun: number | null;
}

export interface OpenFailureTable {
  readonly due_at: number;
  readonly run_pk: number;
  readonly instance_id: string;
  readonly dag_id: string;
}

export interface RemovedRunTable {
  readonly key: string;
  readonly instance_id: string;
  readonly dag_id: string;
  readonly due_at: number;
  readonly begun_at: number;
  readonly removed_at: number;
}

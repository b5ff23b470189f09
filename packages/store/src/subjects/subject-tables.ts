import type { Generated } from "kysely";

/** One subject. Each `…_run` is the newest run of its kind and null exactly when there is none. */
export interface SubjectTable {
  readonly id: Generated<number>;
  readonly hash: string;
  readonly type: string;
  /** The beginning of the id. */
  readonly sort_id: string;
  readonly state: Generated<string>;
  readonly runs_total: Generated<number>;
  readonly runs_success: Generated<number>;
  readonly runs_failed: Generated<number>;
  readonly runs_active: Generated<number>;
  readonly pending_total: Generated<number>;
  readonly newest_run: number | null;
  readonly newest_due: number | null;
  readonly current_run: number | null;
  readonly current_due: number | null;
  readonly finished_run: number | null;
  readonly finished_due: number | null;
  readonly last_success_run: number | null;
  readonly last_success_due: number | null;
  /** 0 when there never was one. */
  readonly last_success_ended: Generated<number>;
  readonly last_failure_run: number | null;
  readonly last_failure_due: number | null;
  readonly first_seen_at: number;
  readonly changed_at: number;
  readonly external_id: string;
  readonly label: string | null;
  readonly url: string | null;
  readonly folded_text: string;
}

export interface RunSubjectTable {
  readonly subject_pk: number;
  readonly due_at: number;
  readonly run_pk: number;
}

export interface TriggerSubjectTable {
  readonly subject_pk: number;
  readonly trigger_id: string;
  readonly is_pending: number;
}

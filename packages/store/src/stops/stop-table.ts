/** A run that was stopped; `tasks` is JSON. */
export interface StopTable {
  readonly action_id: string;
  readonly run_key: string;
  readonly instance_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly stage: string;
  readonly run_started_at: string | null;
  readonly begun_at: number;
  readonly stopped_at: number | null;
  readonly until: number;
  readonly deleted_at: number | null;
  readonly tasks: string;
  readonly changed_at: number;
}

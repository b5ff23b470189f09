/** What a pipeline was compiled to; `lines` and `task_ids` are JSON. */
export interface ArtifactTable {
  readonly id: string;
  readonly kind: string;
  readonly pipeline_id: string;
  readonly pipeline_name: string;
  readonly revision: number;
  readonly plan_hash: string;
  readonly hash: string;
  readonly dag_id: string;
  readonly file_name: string;
  readonly body: string;
  readonly lines: string;
  readonly task_ids: string;
  readonly runtime: string | null;
  readonly created_at: number;
}

/** A package that artifacts stand on; `files` is JSON. */
export interface RuntimeTable {
  readonly name: string;
  readonly files: string;
  readonly created_at: number;
}

/** An artifact on an instance; `state_times`, `error` and `progress` are JSON. */
export interface DeploymentTable {
  readonly id: string;
  readonly pipeline_id: string;
  readonly revision: number;
  readonly plan_hash: string;
  readonly artifact_id: string;
  readonly artifact_hash: string;
  readonly instance_id: string;
  readonly dag_id: string;
  readonly generation: number;
  readonly state: string;
  readonly origin: string;
  readonly requested_by: string;
  readonly is_new: number;
  readonly tasks_changed: number;
  readonly state_times: string;
  readonly error: string | null;
  readonly target: string | null;
  readonly target_revision: string | null;
  readonly progress: string;
  readonly due_at: number | null;
  readonly row_version: number;
  readonly created_at: number;
  readonly changed_at: number;
}

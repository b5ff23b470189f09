/** Rows of `pipelines`. */
export interface PipelineTable {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly version: string;
  readonly config: string;
  readonly nodes: number;
  readonly schedule: string | null;
  readonly is_scheduled: number;
  readonly time_zone: string;
  readonly status: string;
  readonly tags: string;
  readonly default_params: string;
  readonly owner: string | null;
  readonly tenant: string | null;
  readonly environments: string;
  readonly folded_text: string;
  readonly revision: number;
  readonly plan_hash: string | null;
  readonly first_scheduled_at: number | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly removed_at: number | null;
}

/** Rows of `pipeline_versions`. */
export interface PipelineVersionTable {
  readonly pipeline_id: string;
  readonly revision: number;
  readonly content: string;
  readonly plan_hash: string | null;
  readonly author: string;
  readonly note: string | null;
  readonly created_at: number;
}

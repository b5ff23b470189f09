/** Rows of `schedules`. */
export interface ScheduleTable {
  readonly id: string;
  readonly pipeline_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly definition: string;
  readonly sealed_params: string | null;
  readonly is_active: number;
  readonly run_by: string;
  readonly is_primary: number;
  readonly epoch: number;
  readonly anchor: number;
  readonly next_tick: number | null;
  readonly last_tick: number | null;
  readonly lease_until: number | null;
  readonly fencing_token: number;
  readonly version: number;
  readonly created_by: string;
  readonly created_at: number;
  readonly updated_at: number;
}

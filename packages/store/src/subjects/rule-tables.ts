/** Rows of `rule_tallies`. */
export interface RuleTallyTable {
  readonly rule_id: string;
  readonly matched_runs: number;
  readonly subjects: number;
  readonly failures: number;
  readonly last_matched_at: number | null;
  readonly last_error: string | null;
  readonly last_error_at: number | null;
}

/** Rows of `rule_applications`; `rules`, `instances` are JSON, `position` is the cursor of the next page of runs. */
export interface RuleApplicationTable {
  readonly id: string;
  readonly state: string;
  readonly actor: string;
  readonly rules: string;
  readonly instances: string | null;
  readonly position: string | null;
  readonly examined_runs: number;
  readonly matched_runs: number;
  readonly added_subjects: number;
  readonly failures: number;
  readonly last_error: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly finished_at: number | null;
}

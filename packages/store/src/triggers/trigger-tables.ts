/** A request for runs. `facts` is JSON: what came of the items that were refused, and how instances were chosen. */
export interface TriggerRequestTable {
  readonly id: string;
  /** Caller and Idempotency-Key, hashed; null without a key. */
  readonly scope: string | null;
  readonly request_hash: string;
  readonly actor: string;
  readonly facts: string;
  readonly created_at: number;
}

export interface TriggerTable {
  readonly id: string;
  readonly request_id: string;
  readonly position: number;
  readonly is_keyed: number;
  readonly action_id: string;
  readonly instance_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly state: string;
  readonly actor: string;
  readonly request: string;
  readonly conf_hash: string;
  readonly subjects: string;
  readonly subjects_total: number;
  readonly warnings: string;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly expires_at: number | null;
  readonly created_at: number;
  readonly changed_at: number;
  readonly finished_at: number | null;
  /** When to look again whether the accepted run has started; null when there is nothing more to learn. */
  readonly look_at: number | null;
  readonly dropped_at: number | null;
}

/** `duration_ms` is null while the attempt is under way, or was when its process ended. */
export interface TriggerAttemptTable {
  readonly trigger_id: string;
  readonly number: number;
  readonly at: number;
  readonly method: string | null;
  readonly path: string | null;
  readonly request: string | null;
  readonly status: number | null;
  readonly answer: string | null;
  readonly is_cut: number;
  readonly duration_ms: number | null;
  readonly error: string | null;
}

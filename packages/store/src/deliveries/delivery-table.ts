/** How far a reader of the event log has come. */
export interface EventCursorTable {
  readonly name: string;
  readonly seq: number;
  readonly updated_at: number;
}

/** Rows of `deliveries`. */
export interface DeliveryTable {
  readonly id: string;
  readonly receiver: string;
  readonly type: string;
  readonly state: string;
  readonly dedupe_key: string | null;
  readonly instance_id: string | null;
  readonly payload: string;
  readonly attempts: number;
  readonly tries_left: number;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly lease_owner: string | null;
  readonly lease_until: number | null;
  readonly fencing_token: number;
  readonly not_before: number;
  readonly created_at: number;
  readonly finished_at: number | null;
}

/** What one try came to. */
export interface DeliveryAttemptTable {
  readonly delivery_id: string;
  readonly attempt: number;
  readonly at: number;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly answer: string | null;
  readonly error: string | null;
}

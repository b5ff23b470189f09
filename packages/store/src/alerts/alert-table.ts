/** Rows of `alerts`. */
export interface AlertTable {
  readonly id: string;
  readonly rule_id: string;
  readonly group_key: string;
  readonly state: string;
  readonly condition: string;
  readonly summary: string;
  readonly instances: string;
  readonly findings: string;
  readonly findings_total: number;
  readonly since: number;
  readonly opened_at: number | null;
  readonly resolved_at: number | null;
  readonly notified_at: number | null;
  readonly snoozed_until: number | null;
  readonly snoozed_by: string | null;
  readonly changed_at: number;
}

/** What happened to an alert, in order of `number`. */
export interface AlertHistoryTable {
  readonly alert_id: string;
  readonly number: number;
  readonly at: number;
  readonly kind: string;
  readonly actor: string | null;
  readonly details: string;
}

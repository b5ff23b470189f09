/** Rows of `reports`: messages that were understood. */
export interface ReportTable {
  readonly id: string;
  readonly source: string;
  readonly message_id: string | null;
  readonly content_hash: string;
  readonly run_key: string;
  readonly instance_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly kind: string;
  readonly task_id: string | null;
  readonly try_number: number | null;
  readonly map_index: number | null;
  readonly message: string;
  readonly is_cut: number;
  readonly is_error: number;
  readonly sent_at: number;
  readonly received_at: number;
  readonly format: string;
  readonly run_state: string | null;
}

/** Rows of `waiting_reports`: what is still to be done with a report. */
export interface WaitingReportTable {
  readonly report_id: string;
  readonly instance_id: string;
  readonly run_key: string;
  readonly content: string;
  readonly received_at: number;
}

/** Rows of `reported_details`: the newest word on one part of a run; `category` is an error's. */
export interface ReportedDetailTable {
  readonly run_key: string;
  readonly part: string;
  readonly value: string;
  readonly category: string | null;
  readonly is_cut: number;
  readonly received_at: number;
}

/** Rows of `reported_tasks`. `map_index` and `try_number` are -1 where there is none, or none was told. */
export interface ReportedTaskTable {
  readonly run_key: string;
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly state: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly hostname: string | null;
  readonly pid: number | null;
  readonly process_ends: number;
  readonly received_at: number;
}

/** Rows of `rejected_reports`: messages that could not be used. */
export interface RejectedReportTable {
  readonly id: string;
  readonly source: string;
  readonly message_id: string | null;
  readonly instance_id: string | null;
  readonly body: string;
  readonly is_cut: number;
  readonly reason_code: string;
  readonly reason: string;
  readonly sent_at: number | null;
  readonly received_at: number;
  readonly tries: number;
}

/** Rows of `confirmations`: runs to be read, since we were told something about them. */
export interface ConfirmationTable {
  readonly run_key: string;
  readonly instance_id: string;
  readonly dag_id: string;
  readonly run_id: string;
  readonly heard_at: number;
  readonly not_before: number;
  readonly tries: number;
}

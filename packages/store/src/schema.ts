import type { AlertHistoryTable, AlertTable } from "./alerts/alert-table.ts";
import type { DeliveryAttemptTable, DeliveryTable, EventCursorTable } from "./deliveries/delivery-table.ts";
import type { ArtifactTable, DeploymentTable, RuntimeTable } from "./deployments/deployment-tables.ts";
import type { DocumentRevisionTable, DocumentTable } from "./documents/document-table.ts";
import type { ExecutionTable } from "./executions/execution-tables.ts";
import type {
  ConfirmationTable,
  RejectedReportTable,
  ReportedDetailTable,
  ReportedTaskTable,
  ReportTable,
  WaitingReportTable,
} from "./inbox/inbox-table.ts";
import type {
  ObservationTable,
  OpenFailureTable,
  RemovedRunTable,
  RunConfTable,
  RunDagTable,
  RunTable,
  RunTaskTable,
  RunTryTable,
} from "./runs/run-tables.ts";
import type { ArchivedLogChunkTable, ArchivedLogTable, LogArchiveQueueTable } from "./logs/log-tables.ts";
import type { PipelineTable, PipelineVersionTable } from "./pipelines/pipeline-tables.ts";
import type { ScheduleTable } from "./schedules/schedule-table.ts";
import type { StopTable } from "./stops/stop-table.ts";
import type { RuleApplicationTable, RuleTallyTable } from "./subjects/rule-tables.ts";
import type { RunSubjectTable, SubjectTable, TriggerSubjectTable } from "./subjects/subject-tables.ts";
import type { TriggerAttemptTable, TriggerRequestTable, TriggerTable } from "./triggers/trigger-tables.ts";

/**
 * The tables, as queries see them. Times are epoch milliseconds, flags 0 or 1, lists and objects JSON as text;
 * what each is for is told where it is created (`migrations/`) and used.
 */
export interface Database {
  readonly store_facts: { readonly name: string; readonly value: string };
  readonly settings: { readonly key: string; readonly value: string; readonly updated_at: number };
  readonly tokens: TokenTable;
  readonly idempotency_keys: IdempotencyKeyTable;
  readonly leases: LeaseTable;
  readonly members: MemberTable;
  readonly instances: InstanceTable;
  readonly known_instances: KnownInstanceTable;
  readonly readings: ReadingTable;
  readonly probes: ProbeTable;
  readonly dags: DagTable;
  readonly dag_tags: { readonly tag: string; readonly dag_id: string; readonly instance_id: string };
  readonly dag_texts: { readonly dag_id: string; readonly instance_id: string; readonly folded_text: string };
  readonly import_errors: ImportErrorTable;
  readonly actions: ActionTable;
  readonly trigger_requests: TriggerRequestTable;
  readonly triggers: TriggerTable;
  readonly trigger_attempts: TriggerAttemptTable;
  readonly audit_pending: AuditColumns & { readonly id: string };
  readonly audit: AuditTable;
  readonly runs: RunTable;
  readonly observations: ObservationTable;
  readonly run_tasks: RunTaskTable;
  readonly run_tries: RunTryTable;
  readonly run_conf: RunConfTable;
  readonly run_dags: RunDagTable;
  readonly open_failures: OpenFailureTable;
  readonly removed_runs: RemovedRunTable;
  readonly subjects: SubjectTable;
  readonly run_subjects: RunSubjectTable;
  readonly trigger_subjects: TriggerSubjectTable;
  readonly documents: DocumentTable;
  readonly document_revisions: DocumentRevisionTable;
  readonly event_cursors: EventCursorTable;
  readonly deliveries: DeliveryTable;
  readonly delivery_attempts: DeliveryAttemptTable;
  readonly alerts: AlertTable;
  readonly alert_history: AlertHistoryTable;
  readonly reports: ReportTable;
  readonly rejected_reports: RejectedReportTable;
  readonly confirmations: ConfirmationTable;
  readonly waiting_reports: WaitingReportTable;
  readonly reported_details: ReportedDetailTable;
  readonly reported_tasks: ReportedTaskTable;
  readonly events_pending: EventColumns & { readonly id: string };
  readonly events: EventColumns & { readonly seq: number; readonly id: string };
  readonly archived_logs: ArchivedLogTable;
  readonly archived_log_chunks: ArchivedLogChunkTable;
  readonly log_archive_queue: LogArchiveQueueTable;
  readonly rule_tallies: RuleTallyTable;
  readonly stops: StopTable;
  readonly rule_applications: RuleApplicationTable;
  readonly pipelines: PipelineTable;
  readonly pipeline_terms: { readonly kind: string; readonly term: string; readonly pipeline_id: string };
  readonly pipeline_versions: PipelineVersionTable;
  readonly artifacts: ArtifactTable;
  readonly runtimes: RuntimeTable;
  readonly deployments: DeploymentTable;
  readonly executions: ExecutionTable;
  readonly schedules: ScheduleTable;
  readonly sequences: { readonly name: string; readonly seq: number; readonly hash: string };
}

export interface TokenTable {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly instances: string;
  readonly tenant: string | null;
  readonly secret_hash: string;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly revoked_at: number | null;
}

export interface IdempotencyKeyTable {
  readonly scope: string;
  readonly actor: string;
  readonly method: string;
  readonly route: string;
  readonly request_hash: string;
  readonly holder: string;
  /** Null once it is finished. */
  readonly outstanding_until: number | null;
  readonly status: number | null;
  readonly sealed_body: string | null;
  readonly created_at: number;
  readonly expires_at: number;
}

export interface LeaseTable {
  readonly name: string;
  readonly owner: string;
  readonly term: number;
  readonly expires_at: number;
}

export interface MemberTable {
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  readonly roles: string;
  readonly started_at: number;
  readonly seen_at: number;
}

export interface InstanceTable {
  readonly id: string;
  readonly folded_id: string;
  readonly config: string;
  readonly sealed: string;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface KnownInstanceTable {
  readonly id: string;
  readonly source: string;
  readonly enabled: number;
  readonly first_seen_at: number;
  readonly last_seen_at: number;
}

export interface ReadingTable {
  readonly instance_id: string;
  readonly feed: string;
  readonly attempted_at: number;
  readonly succeeded_at: number | null;
  readonly duration_ms: number;
  readonly server_time: number | null;
  readonly watermark: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly error_at: number | null;
}

export interface ProbeTable {
  readonly instance_id: string;
  readonly result: string | null;
  readonly observed_at: number | null;
  readonly breaker: string;
  readonly breaker_until: number | null;
  readonly breaker_at: number;
}

export interface DagTable {
  readonly dag_id: string;
  readonly instance_id: string;
  readonly display_name: string;
  readonly description: string | null;
  readonly is_paused: number;
  readonly is_stale: number;
  readonly has_import_errors: number;
  readonly file: string | null;
  readonly file_token: string | null;
  readonly bundle: string | null;
  readonly owners: string;
  readonly tags: string;
  readonly schedule: string | null;
  readonly schedule_description: string | null;
  readonly next_run: string | null;
  readonly last_parsed_at: string | null;
  readonly max_active_runs: number | null;
  readonly content_hash: string;
  readonly first_seen_at: number;
  /** When the reading was begun that last changed this row. */
  readonly observed_at: number;
  readonly gone_at: number | null;
  readonly last_run_id: string | null;
  readonly last_run_state: string | null;
  readonly last_run_logical_date: string | null;
  readonly last_run_started_at: string | null;
  readonly last_run_ended_at: string | null;
  readonly last_run_observed_at: number | null;
}

export interface ImportErrorTable {
  readonly instance_id: string;
  readonly error_id: string;
  readonly file: string;
  readonly bundle: string | null;
  readonly stack_trace: string;
  readonly at: string | null;
  readonly observed_at: number;
}

export interface ActionTable {
  readonly id: string;
  readonly verb: string;
  readonly state: string;
  readonly actor: string;
  readonly source_ip: string | null;
  readonly request_id: string | null;
  readonly instance_id: string;
  readonly dag_id: string | null;
  readonly run_id: string | null;
  readonly task_id: string | null;
  readonly map_index: number | null;
  readonly request: string;
  readonly sealed: string | null;
  readonly dedupe_key: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly warnings: string;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly attempts: number;
  readonly sent_at: number | null;
  readonly lease_owner: string | null;
  readonly lease_until: number | null;
  readonly fencing_token: number;
  readonly not_before: number;
  readonly deadline_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly finished_at: number | null;
}

export interface AuditColumns {
  readonly at: number;
  readonly actor: string;
  readonly verb: string;
  readonly outcome: string;
  readonly instance_id: string | null;
  readonly dag_id: string | null;
  readonly run_id: string | null;
  readonly task_id: string | null;
  readonly action_id: string | null;
  readonly details: string;
  readonly source_ip: string | null;
  readonly request_id: string | null;
}

export interface AuditTable extends AuditColumns {
  readonly seq: number;
  readonly id: string;
  readonly prev_hash: string;
  readonly hash: string;
}

export interface EventColumns {
  readonly at: number;
  readonly kind: string;
  readonly instance_id: string | null;
  readonly dag_id: string | null;
  readonly run_id: string | null;
  readonly tenant: string | null;
  readonly payload: string;
}

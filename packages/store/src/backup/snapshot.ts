import type { Database } from "../schema.ts";

/** One row as the database gave it. */
export type BackupRow = Readonly<Record<string, string | number | null>>;

/** Reads whole tables as they were at one instant, a batch of rows at a time. */
export type TableReader = (table: BackupTable) => AsyncIterable<readonly BackupRow[]>;

/** Gives `work` one consistent view of a store while others go on writing to it. */
export type Snapshot = <T>(work: (read: TableReader) => Promise<T>) => Promise<T>;

export type BackupTable = keyof Database;

/** What a backup holds, in this order. Leases and members are about processes that run now. */
export const BACKUP_TABLES = [
  "store_facts",
  "settings",
  "tokens",
  "idempotency_keys",
  "instances",
  "known_instances",
  "readings",
  "probes",
  "dags",
  "dag_tags",
  "dag_texts",
  "import_errors",
  "documents",
  "document_revisions",
  "event_cursors",
  "deliveries",
  "delivery_attempts",
  "alerts",
  "alert_history",
  "reports",
  "rejected_reports",
  "confirmations",
  "waiting_reports",
  "reported_details",
  "reported_tasks",
  "actions",
  "trigger_requests",
  "triggers",
  "trigger_attempts",
  "runs",
  "observations",
  "run_tasks",
  "run_tries",
  "stops",
  "run_conf",
  "run_dags",
  "open_failures",
  "removed_runs",
  "subjects",
  "run_subjects",
  "trigger_subjects",
  "archived_logs",
  "archived_log_chunks",
  "log_archive_queue",
  "rule_tallies",
  "rule_applications",
  "pipelines",
  "pipeline_terms",
  "pipeline_versions",
  "artifacts",
  "runtimes",
  "deployments",
  "executions",
  "schedules",
  "audit_pending",
  "audit",
  "events_pending",
  "events",
  "sequences",
] as const satisfies readonly BackupTable[];

/** Those whose rows are numbered by the database. */
export const NUMBERED_TABLES = ["runs", "subjects"] as const satisfies readonly BackupTable[];

/** Rows read at once. */
export const BATCH = 1_000;

import type { Micros } from "../clock/instant.ts";

/** An Airflow variable. */
export interface VariableRecord {
  key: string;
  value: string;
  description: string | null;
}

/** An Airflow connection. */
export interface ConnectionRecord {
  connectionId: string;
  connType: string;
  description: string | null;
  host: string | null;
  login: string | null;
  schema: string | null;
  port: number | null;
  password: string | null;
  extra: string | null;
}

/** A pool; -1 slots means without limit. */
export interface PoolRecord {
  name: string;
  slots: number;
  description: string | null;
  includeDeferred: boolean;
}

/** A file that does not parse. */
export interface ImportErrorRecord {
  readonly id: number;
  readonly file: string;
  readonly stackTrace: string;
  at: Micros;
}

/** One row of the audit log. */
export interface EventRecord {
  readonly id: number;
  readonly at: Micros;
  readonly event: string;
  readonly owner: string;
  readonly dagId: string | null;
  readonly taskId: string | null;
  readonly runId: string | null;
  readonly mapIndex: number | null;
  readonly tryNumber: number | null;
  readonly extra: string | null;
}

/** A data asset, called dataset in Airflow 2. */
export interface AssetRecord {
  readonly id: number;
  readonly uri: string;
  readonly createdAt: Micros;
  updatedAt: Micros;
}

/** One update of an asset, with the runs it caused. */
export interface AssetEventRecord {
  readonly id: number;
  readonly asset: AssetRecord;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly at: Micros;
  readonly sourceDagId: string | null;
  readonly sourceTaskId: string | null;
  readonly sourceRunId: string | null;
  readonly sourceMapIndex: number;
  readonly createdRuns: { readonly dagId: string; readonly runId: string }[];
}

/** A backfill of Airflow 3. */
export interface BackfillRecord {
  readonly id: number;
  readonly dagId: string;
  readonly fromAt: Micros;
  readonly toAt: Micros;
  readonly conf: Readonly<Record<string, unknown>> | null;
  paused: boolean;
  readonly reprocessBehavior: string;
  readonly maxActiveRuns: number;
  readonly createdAt: Micros;
  completedAt: Micros | null;
  updatedAt: Micros;
}

import type { Micros } from "../clock/instant.ts";
import type { DagRecord, DagVersion } from "./dag-record.ts";
import type { TaskRecord } from "./task-record.ts";

export const RUN_STATES = ["queued", "running", "success", "failed"] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Why a run was made. The asset kinds are called dataset in Airflow 2. */
export type RunType = "manual" | "scheduled" | "backfill" | "asset_triggered" | "asset_materialization";

/** One run of a DAG. */
export interface RunRecord {
  /** The row's id: runs are listed in this order. */
  readonly seq: number;
  readonly dag: DagRecord;
  readonly runId: string;
  readonly runType: RunType;
  state: RunState;
  readonly conf: Readonly<Record<string, unknown>>;
  note: string | null;
  readonly logicalAt: Micros | null;
  readonly intervalStart: Micros | null;
  readonly intervalEnd: Micros | null;
  readonly runAfter: Micros;
  queuedAt: Micros | null;
  startAt: Micros | null;
  endAt: Micros | null;
  lastDecisionAt: Micros | null;
  updatedAt: Micros;
  readonly triggeredBy: string;
  readonly triggeringUser: string | null;
  readonly version: DagVersion | undefined;
  readonly backfillId: number | null;
  /** Null for past runs of the history: computed from the seed when somebody looks. */
  tasks: TaskRecord[] | null;
}

export const isOpen = (run: RunRecord): boolean => run.state === "queued" || run.state === "running";

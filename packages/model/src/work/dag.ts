import type { DagId, TaskId } from "../ids.ts";

/** A point in time as the engine wrote it: RFC 3339, UTC, up to microseconds, ending in `Z`. */
export type Instant = string;

/** The next run the engine intends, when it has a schedule. */
export interface NextRun {
  /** The date the run is about; null for schedules without one. */
  readonly logicalDate: Instant | null;
  readonly intervalStart: Instant | null;
  readonly intervalEnd: Instant | null;
  /** When the engine will create it. */
  readonly runAfter: Instant | null;
}

/** One DAG of an instance, the same for both generations of Airflow. */
export interface Dag {
  readonly dagId: DagId;
  readonly displayName: string;
  readonly description: string | null;
  readonly isPaused: boolean;
  /** The engine no longer sees its file, or (Airflow 3) the file fails to parse: it cannot be triggered. */
  readonly isStale: boolean;
  readonly hasImportErrors: boolean;
  /** Path as the engine names it: absolute on Airflow 2, relative to the bundle on 3. */
  readonly file: string | null;
  /** What the engine wants to see for a re-parse of the file. */
  readonly fileToken: string | null;
  readonly bundle: string | null;
  readonly owners: readonly string[];
  readonly tags: readonly string[];
  /** Cron text, interval or timetable name; null when only triggered. */
  readonly schedule: string | null;
  readonly scheduleDescription: string | null;
  readonly nextRun: NextRun | null;
  readonly lastParsedAt: Instant | null;
  readonly maxActiveRuns: number | null;
}

/** What costs the engine another query. */
export interface DagDetail extends Dag {
  readonly docMd: string | null;
  readonly timezone: string | null;
  readonly catchup: boolean | null;
  readonly startDate: Instant | null;
  readonly endDate: Instant | null;
  /** Default values of the DAG's params by name; null for a param without default. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Airflow 3's version number; null on Airflow 2. */
  readonly versionNumber: number | null;
}

/** One task in a DAG's graph. */
export interface GraphNode {
  readonly taskId: TaskId;
  readonly displayName: string;
  readonly operator: string | null;
  readonly isMapped: boolean;
  readonly triggerRule: string | null;
  readonly retries: number | null;
  readonly downstream: readonly TaskId[];
}

/** A file that the engine could not parse. */
export interface ImportError {
  readonly id: string;
  /** Absolute on Airflow 2, relative to the bundle on 3. */
  readonly file: string;
  readonly bundle: string | null;
  readonly stackTrace: string;
  readonly at: Instant | null;
}

/** One stored version of a DAG (Airflow 3). */
export interface DagVersion {
  readonly number: number;
  readonly bundle: string | null;
  readonly bundleVersion: string | null;
  readonly createdAt: Instant | null;
}

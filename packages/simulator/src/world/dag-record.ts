import type { Timer } from "../clock/clock.ts";
import type { Micros } from "../clock/instant.ts";
import type { DagSpec } from "../specs/dag-spec.ts";
import type { RunRecord } from "./run-record.ts";

/** What the scheduler intends to start next. */
export interface NextRun {
  readonly logicalAt: Micros;
  readonly intervalStart: Micros;
  readonly intervalEnd: Micros;
  readonly runAfter: Micros;
}

/** A stored version of a DAG; only Airflow 3 shows them. */
export interface DagVersion {
  readonly id: string;
  readonly number: number;
  readonly createdAt: Micros;
}

/**
 * A DAG as one instance knows it. `parsed` is what the last parse saw and `serialized` what was stored from it: Airflow
 * stores at most every 30 s, so after an edit the two differ for a while.
 */
export interface DagRecord {
  readonly dagId: string;
  parsed: DagSpec;
  serialized: DagSpec;
  paused: boolean;
  /** False when the file is gone, or (Airflow 3) when it fails to parse. */
  active: boolean;
  hasImportErrors: boolean;
  lastParsedAt: Micros;
  /** When the serialized form was loaded; Airflow calls it `last_parsed`. */
  lastLoadedAt: Micros;
  versions: readonly DagVersion[];
  nextRun: NextRun | null;
  /** Runs of the schedule so far: where the next one goes on from. */
  lastAutomated: NextRun | null;
  timer: Timer | undefined;
  readonly runs: Map<string, RunRecord>;
  /** Queued and running ones. */
  readonly open: Set<RunRecord>;
}

const FOLDER = "/opt/airflow/dags/";

export const fileOf = (spec: DagSpec): string => spec.fileLoc ?? `${FOLDER}${spec.dagId}.py`;

/** Path below the DAG folder, as Airflow 3 names files. */
export const relativeFileOf = (path: string): string => {
  const at = path.lastIndexOf("/dags/");
  return at < 0 ? path.replace(/^\//, "") : path.slice(at + "/dags/".length);
};

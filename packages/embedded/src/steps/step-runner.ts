import type { Connection, Step, StepResult, TableReference } from "@airfleet/model";

/** One try of one step. */
export interface StepJob {
  readonly step: Step;
  /** The run's parameters, defaults filled in. */
  readonly params: Readonly<Record<string, unknown>>;
  /** By the name of the step's input. */
  readonly inputs: Readonly<Record<string, TableReference>>;
  /** The run's own folder; outputs become `<runFolder>/<step id>/<output>.parquet`, whole or not at all. */
  readonly runFolder: string;
}

export interface StepOptions {
  /** Ends the step and every process of it; `run` then throws the signal's reason once they are gone. */
  readonly signal: AbortSignal;
  /** A line of the step's log, as it comes. */
  readonly onLog: (line: string) => void;
  /** Told which process carries it out. */
  readonly onProcess?: (pid: number) => void;
}

/**
 * Carries out steps, several at once. What fails and would fail again is thrown as STEP_REFUSED, what may pass as
 * STEP_FAILED; a process that died is STEP_FAILED. A failed step leaves nothing that anybody reads.
 */
export interface StepRunner {
  run(job: StepJob, options: StepOptions): Promise<StepResult>;
  /** Ends every process. */
  close(): Promise<void>;
}

/** What steps may use of this machine. */
export interface StepLimits {
  /** Folders below which files may be read and written, from `data.roots`. */
  readonly roots: readonly string[];
  /** Hosts that may be reached, as in `network.allow`. */
  readonly networkAllow: readonly string[];
  /** Per process, in DuckDB's words, such as `1GB`. */
  readonly memory: string;
  readonly threads: number;
  /** Steps carried out at a time. */
  readonly concurrency: number;
  /** Characters of output kept of one try. */
  readonly logBytes: number;
}

/** Finds a connection by its id. @throws CONNECTION_UNKNOWN */
export type FindConnection = (id: string) => Promise<Connection>;

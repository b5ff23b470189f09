/** When a DAG runs: never by itself, by cron text (five fields or `@daily`), at an interval, or when assets change. */
export type ScheduleSpec = null | string | { readonly everySeconds: number } | { readonly assets: readonly string[] };

/** Which upstream outcomes let a task start; Airflow's names. */
export const TRIGGER_RULES = [
  "all_success",
  "all_done",
  "all_failed",
  "one_failed",
  "one_success",
  "none_failed",
  "none_failed_min_one_success",
  "always",
] as const;
export type TriggerRule = (typeof TRIGGER_RULES)[number];

/** One line that a task writes. A plain text is a line of stdout. */
export interface LogLineSpec {
  readonly text: string;
  readonly level?: "debug" | "info" | "warning" | "error";
  /** `stdout` and `stderr` carry no context in Airflow 3; a logger's name makes a logged line. */
  readonly logger?: string;
  readonly stream?: "stdout" | "stderr";
  /** Seconds after the start of the try. Lines without it are spread over the try's duration. */
  readonly afterSeconds?: number;
  /** Adds a traceback with this exception. */
  readonly exception?: { readonly type: string; readonly value: string };
}

/** What a try of a task can look at to decide its outcome. */
export interface AttemptContext {
  readonly conf: Readonly<Record<string, unknown>>;
  readonly tryNumber: number;
  readonly mapIndex: number;
  readonly runId: string;
}

export type LogSpec = readonly (string | LogLineSpec)[];

export interface TaskSpec {
  readonly taskId: string;
  readonly downstream?: readonly string[];
  /** Seconds a try takes, before the simulator's time scale. Default 1. */
  readonly durationSeconds?: number;
  /** Share of tries that fail, 0 to 1; which ones is decided by the instance's seed. Default 0. */
  readonly failRate?: number;
  /** How many of the first tries fail. Default 0. */
  readonly failTries?: number;
  /** Decides by code instead; wins over `failRate` and `failTries`. */
  readonly fails?: (attempt: AttemptContext) => boolean;
  /** The task ends as skipped. */
  readonly skips?: boolean;
  /** Number of mapped instances; absent for a plain task. */
  readonly mapped?: number;
  readonly triggerRule?: TriggerRule;
  readonly retries?: number;
  /** Seconds between tries, before the time scale. Default 300, as in Airflow. */
  readonly retryDelaySeconds?: number;
  readonly pool?: string;
  readonly poolSlots?: number;
  /** Operator class name. Default `BashOperator`. */
  readonly operator?: string;
  /** What a try writes; a function when it depends on the try. Default: two lines naming the task. */
  readonly log?: LogSpec | ((attempt: AttemptContext) => LogSpec);
  /** What the task returns, kept as XCom `return_value`. */
  readonly returns?: unknown;
  /** URIs of the assets that a success updates. */
  readonly outlets?: readonly string[];
  /** Shown as rendered template fields. Default `{bash_command: "echo <task>"}`. */
  readonly renderedFields?: Readonly<Record<string, unknown>>;
  readonly docMd?: string;
}

/** A param: a default value, or a value with its JSON schema. */
export interface ParamSpec {
  readonly value?: unknown;
  readonly description?: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface DagSpec {
  readonly dagId: string;
  readonly displayName?: string;
  readonly schedule?: ScheduleSpec;
  readonly tags?: readonly string[];
  /** Default `["airflow"]`. */
  readonly owners?: readonly string[];
  readonly description?: string;
  readonly docMd?: string;
  readonly paused?: boolean;
  readonly tasks: readonly TaskSpec[];
  /** Default false, as in Airflow 3. */
  readonly catchup?: boolean;
  readonly params?: Readonly<Record<string, ParamSpec>>;
  /** Absolute path. Default `/opt/airflow/dags/<dagId>.py`. */
  readonly fileLoc?: string;
  /** Text of the file. Default: generated from the other fields. */
  readonly source?: string;
  /** ISO date. Default 2026-01-01T00:00:00Z. */
  readonly startDate?: string;
  /** Default 16. */
  readonly maxActiveRuns?: number;
  /** Default 16. */
  readonly maxActiveTasks?: number;
  /** The file was read before and fails to parse now, with this stack trace: the DAG is known, but broken. */
  readonly brokenWith?: string;
  /** Past runs to pretend, computed lazily. */
  readonly history?: HistorySpec;
}

/** Past runs of a DAG, oldest first; their task instances are computed when somebody looks. */
export interface HistorySpec {
  readonly runs: number;
  /** Seconds between runs that are not given by a schedule. Default 86400. */
  readonly everySeconds?: number;
  /** Share of runs that failed. Default 0. */
  readonly failRate?: number;
  /** How long a run took, in seconds; jittered by ±40 %. Default 60. */
  readonly durationSeconds?: number;
}

/** A file that never parsed: it has an import error and no DAG. */
export interface BrokenFileSpec {
  readonly fileLoc: string;
  readonly stackTrace: string;
}

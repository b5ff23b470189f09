import type { InstanceHealth } from "@airfleet/model";

/**
 * What an engine may not have of what Airflow has.
 *
 *  - `credentials`: who asks has to prove who they are.
 *  - `free_ids`: dots and dashes in ids of DAGs.
 *  - `dag_files`: a DAG's file and source text.
 *  - `dag_dates`: a DAG's start and end date, its catchup, and how many of its runs there may be at once.
 *  - `held_runs`: runs of a paused DAG wait until it is unpaused.
 *  - `pausing_any`: a DAG without a schedule can be paused.
 *  - `logical_dates`: a run can be given a logical date.
 *  - `marking`: states set by hand, save stopping a run.
 *  - `mapping`: instances of a mapped task have an index; where it is lacking each is a task of its own.
 *  - `trigger_rules`: rules by which a task runs after one that failed, operators, pools of tasks.
 *  - `conf_ranges`: a conf is checked against the ranges of params.
 *  - `variables`: variables and connections.
 *  - `audit_log`: a log of who did what.
 *  - `log_times`: what a task prints is dated.
 *  - `hosts`: tasks name the machine that they ran on.
 *  - `process_ends`: the log of a try tells when its process is gone.
 */
export const ENGINE_GAPS = [
  "credentials",
  "free_ids",
  "dag_files",
  "dag_dates",
  "held_runs",
  "pausing_any",
  "logical_dates",
  "marking",
  "mapping",
  "trigger_rules",
  "conf_ranges",
  "variables",
  "audit_log",
  "log_times",
  "hosts",
  "process_ends",
] as const;
export type EngineGap = (typeof ENGINE_GAPS)[number];

/**
 * What an engine can do beyond the common ground. Declared, never discovered by failing: a caller asks here first and
 * gets CAPABILITY_MISSING when it does not.
 */
export interface Capabilities {
  /** How sure we are that a repeated trigger makes no second run. */
  readonly exactlyOnce: "run_id" | "guarded" | "best_effort";
  /** Runs may be triggered without a logical date. */
  readonly dateless: boolean;
  /** A trigger may name a later start (`runAfter`). */
  readonly delayedStart: boolean;
  /** DAG versions are kept and listed. */
  readonly versions: boolean;
  /** Earlier tries of a task are listed. */
  readonly tries: boolean;
  /** A file can be put at the front of the parse queue. */
  readonly reparse: boolean;
  /** Lists can be walked by cursor, so that moving rows are not skipped. */
  readonly cursors: boolean;
  /** A delete of an unfinished run is refused by the engine itself. */
  readonly guardsActiveRuns: boolean;
  /** The engine tells who triggered a run. */
  readonly namesTriggeringUser: boolean;
  /** Variables, connections and pools can be written. */
  readonly writesConfig: boolean;
  /** Log answers come in structured lines. */
  readonly structuredLogs: boolean;
  /** Seconds of silence after which a process that the engine was told to stop may be presumed gone, as measured. */
  readonly presumeGoneSeconds: number;
  /** Largest page the lists answer. */
  readonly pageLimit: number;
  /** What it does not have of what Airflow has; nothing when absent. */
  readonly lacks?: readonly EngineGap[];
}

/** What a probe found out about an instance. */
export interface Probe {
  /** The software's version as it says, e.g. `2.11.2`. */
  readonly version: string;
  /** Major line: 2 or 3 for Airflow, 1 for Dagster. */
  readonly generation: number;
  /** `tested` for 2.11 and 3.3; `from specification` for other minors. */
  readonly support: "tested" | "from specification";
  readonly capabilities: Capabilities;
  readonly health: InstanceHealth;
  /** Time of the health call, in milliseconds. */
  readonly latencyMs: number;
  /** Whether our credentials were accepted for a read; `/version` and `/health` need none and prove nothing. */
  readonly authenticated: boolean;
  /** The instance's clock minus ours, in milliseconds, from its `Date` header. */
  readonly clockSkewMs: number | null;
}

/** Whether calls to an instance are let through: not while it keeps failing, and one at a time to see if it is back. */
export type BreakerState = "closed" | "open" | "half_open";

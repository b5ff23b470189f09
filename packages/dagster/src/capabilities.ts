import type { Capabilities } from "@airfleet/engine";

/** Rows per page of our own choosing: Dagster itself knows no limit. */
export const PAGE_ROWS = 100;

/**
 * What every Dagster can do.
 *
 * @param isGuarded whether every job carries our guard, so that of runs launched twice only one works
 */
export const toCapabilities = (isGuarded: boolean): Capabilities => ({
  exactlyOnce: isGuarded ? "guarded" : "best_effort",
  dateless: true,
  delayedStart: false,
  versions: false,
  tries: true,
  reparse: true,
  cursors: true,
  guardsActiveRuns: false,
  namesTriggeringUser: false,
  writesConfig: false,
  structuredLogs: true,
  // Processes were gone 0.2 s after a stop, or after the ten seconds that our runtime gives a child that resists.
  presumeGoneSeconds: 20,
  pageLimit: PAGE_ROWS,
  lacks: [
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
  ],
});

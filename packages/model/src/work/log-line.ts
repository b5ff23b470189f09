import type { Instant } from "./dag.ts";

/** Severity of a log line, lower case; null where the line carries none. */
export const LOG_LEVELS = ["debug", "info", "warning", "error", "critical"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * One line of a task's log. Airflow 2 writes text and Airflow 3 objects; both come out like this. Text keeps its ANSI
 * colours; it is written by user code and must be treated as hostile.
 */
export interface LogLine {
  readonly at: Instant | null;
  readonly level: LogLevel | null;
  /** Logger name, or Airflow 2's `file.py:line`. */
  readonly source: string | null;
  readonly text: string;
}

import type { DagId, RunId } from "../ids.ts";
import type { RunState } from "../states/run-state.ts";
import type { Instant } from "./dag.ts";

/** What made the engine create a run. */
export const RUN_TYPES = ["manual", "scheduled", "backfill", "asset"] as const;
export type RunType = (typeof RUN_TYPES)[number];

/** One run, the same for both generations of Airflow. */
export interface Run {
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly state: RunState;
  /** The engine's own word. */
  readonly engineState: string;
  readonly type: RunType;
  /** Null for runs without one (Airflow 3, manual). */
  readonly logicalDate: Instant | null;
  readonly intervalStart: Instant | null;
  readonly intervalEnd: Instant | null;
  /** When it may start; Airflow 2 has no such field, there it is the logical date of a manual run. */
  readonly runAfter: Instant | null;
  readonly queuedAt: Instant | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly conf: Readonly<Record<string, unknown>>;
  readonly note: string | null;
  /** Who asked (Airflow 3.1+); null otherwise. */
  readonly triggeredBy: string | null;
  readonly versionNumbers: readonly number[];
}

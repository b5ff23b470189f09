import type { DagId, RunId } from "../ids.ts";
import type { RunState } from "../states/run-state.ts";
import type { Instant } from "../work/dag.ts";
import type { Run } from "../work/run.ts";

/** Who told us of a run. */
export const OBSERVATION_SOURCES = ["trigger", "report", "poll", "action"] as const;
export type ObservationSource = (typeof OBSERVATION_SOURCES)[number];

interface Observed {
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly source: ObservationSource;
  /** When the reading was begun, or the report received: the instance's clock, epoch milliseconds. */
  readonly at: number;
}

/**
 * One dated piece of news about a run.
 *
 *  - `read`: the engine's own answer. `hollow` when its tasks show that a success did nothing.
 *  - `gone`: the engine answered that it has no such run.
 *  - `stopped`: we stopped the attempt that began at `startedAt`; a failure of that attempt is a cancellation.
 *  - `heard`: somebody says so. Moves a run forward until a reading tells better, and never backwards.
 */
export type RunObservation =
  | (Observed & { readonly kind: "read"; readonly run: Run; readonly hollow?: boolean })
  | (Observed & { readonly kind: "gone" })
  | (Observed & { readonly kind: "stopped"; readonly startedAt: Instant | null })
  | (Observed & {
      readonly kind: "heard";
      readonly state: RunState;
      readonly partial?: boolean;
      readonly logicalDate?: Instant | null;
      readonly conf?: Readonly<Record<string, unknown>>;
    });

/** The newest reading of a run. */
export interface RunReading {
  readonly at: number;
  readonly run: Run;
}

/** What reports said of a run, as far as it counts. */
export interface RunHearsay {
  /** When we last heard that it goes on. */
  readonly startedAt: number | null;
  /** When and how we last heard that it ended. */
  readonly ended: { readonly at: number; readonly state: RunState; readonly partial: boolean } | null;
  readonly logicalDate: Instant | null;
  readonly conf: Readonly<Record<string, unknown>> | null;
}

/**
 * All that is remembered of a run. Each part keeps the newest of its kind, and `state` follows from the parts alone, so
 * that the order in which observations arrive does not matter.
 */
export interface RunRecord {
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly state: RunState;
  /** A success with exit code 1: some of the work was done. */
  readonly partial: boolean;
  /** Null for a run that was only heard of. */
  readonly read: RunReading | null;
  readonly heard: RunHearsay | null;
  readonly stopped: { readonly at: number; readonly startedAt: Instant | null } | null;
  /** When the newest attempt began whose success was found to be hollow. A later reading of it need not find out again. */
  readonly hollow: Instant | null;
  /** When the engine was found to have it no more; null while it has it. */
  readonly goneAt: number | null;
}

import type { DagId, InstanceId, RunKey, RunState, Tier } from "@airfleet/model";
import type { FleetDagQuery, InstanceFreshness } from "../fleet/fleet-dag.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";

/**
 * What can be wrong, worst first:
 *
 * - `unreachable`, `refused` (our credentials), `scheduler_silent`: the instance as a whole
 * - `failing`: the newest outcome of a DAG is a failure · `broken`: a file that cannot be parsed
 * - `held`: runs wait because their DAG is paused
 */
export const WRONG_KINDS = ["unreachable", "refused", "scheduler_silent", "failing", "broken", "held"] as const;
export type WrongKind = (typeof WRONG_KINDS)[number];

/** One thing that needs a person. Times are epoch milliseconds. */
export interface Wrong {
  readonly kind: WrongKind;
  readonly instance: InstanceId;
  readonly tier: Tier;
  readonly dagId: DagId | null;
  /** The file that is broken. */
  readonly file: string | null;
  /** The run to look at. */
  readonly run: RunKey | null;
  /** Failures in a row, runs that wait; 1 otherwise. */
  readonly count: number;
  readonly since: number | null;
  /** Why, in the words of whoever said it; null where the kind says all. */
  readonly reason: string | null;
}

/** An instance with what happens on it. */
export interface OverviewInstance {
  readonly instance: FleetInstance;
  readonly queued: number;
  readonly running: number;
  /** Null while we cannot know. */
  readonly wrong: number | null;
}

/** The fleet at a glance. */
export interface Overview {
  readonly instances: readonly OverviewInstance[];
  /** Worst first: production, then reach, then age. At most {@link WRONG_SHOWN}. */
  readonly wrong: readonly Wrong[];
  readonly wrongTotal: number;
}

/** A list that nobody reads to its end needs no more. */
export const WRONG_SHOWN = 500;

/** A DAG on an instance in as few words as a cell of a matrix shows. */
export interface MatrixCell {
  readonly instance: InstanceId;
  readonly state: RunState | null;
  readonly isPaused: boolean;
  readonly isBroken: boolean;
  /** Failures since the last success. */
  readonly failures: number;
}

export interface MatrixRow {
  readonly dagId: DagId;
  readonly tags: readonly string[];
  readonly cells: readonly MatrixCell[];
}

export interface MatrixPage {
  readonly items: readonly MatrixRow[];
  readonly next: string | null;
  readonly instances: readonly InstanceFreshness[];
}

export interface OverviewUseCases {
  /** @param instances Those that the caller may know of; all when absent. */
  overview(instances?: readonly InstanceId[]): Promise<Overview>;
  /** One row per DAG id, with a cell for each instance that has it. */
  matrix(query: FleetDagQuery): Promise<MatrixPage>;
}

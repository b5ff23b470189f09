import type { Dag, DagId, InstanceId, Instant, RunId, RunState, Selector } from "@airfleet/model";

/** The newest run of a DAG on an instance, as far as we have seen. */
export interface LastRun {
  readonly runId: RunId;
  readonly state: RunState;
  readonly logicalDate: Instant | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

/** A DAG on one instance, from the store. */
export interface FleetDagCell {
  readonly instance: InstanceId;
  readonly dag: Dag;
  readonly lastRun: LastRun | null;
  /** Epoch milliseconds. */
  readonly observedAt: number;
  readonly stale: boolean;
}

/** One DAG id over the fleet. */
export interface FleetDag {
  readonly dagId: DagId;
  /** Tags of all cells together, sorted. */
  readonly tags: readonly string[];
  readonly cells: readonly FleetDagCell[];
  readonly instances: readonly InstanceFreshness[];
}

/** How fresh one instance's part of an answer is. */
export interface InstanceFreshness {
  readonly instance: InstanceId;
  readonly observedAt: number | null;
  readonly stale: boolean;
  readonly error: string | null;
}

export interface FleetDagQuery {
  /** Only these; the caller's scope has been applied already. */
  readonly instances?: readonly InstanceId[];
  readonly tags?: readonly string[];
  readonly paused?: boolean;
  readonly states?: readonly RunState[];
  /** Part of id, name or description, ignoring case. */
  readonly text?: string;
  readonly hasImportErrors?: boolean;
  /** Narrows further; a page may then hold fewer rows than asked for. */
  readonly selector?: Selector;
  readonly limit: number;
  readonly after?: string;
}

export interface FleetDagPage {
  readonly items: readonly Omit<FleetDag, "instances">[];
  readonly next: string | null;
  readonly instances: readonly InstanceFreshness[];
}

import type { RunKey, Selector, TaskAddress, TaskInstance } from "@airfleet/model";
import type { RunListQuery, StoredObservation, StoredRun, StorePage } from "@airfleet/store";
import type { ReportedRun } from "./reported-run.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";

/** A run as remembered, with its instance and how fresh that is. */
export interface FleetRun {
  readonly run: StoredRun;
  readonly instance: FleetInstance;
  /** When the instance was last read, or the run itself when that was later; epoch milliseconds. */
  readonly observedAt: number;
  /** The run may have moved on since. */
  readonly stale: boolean;
  /** What was said of its present attempt besides its state; null when nothing was. */
  readonly reported: ReportedRun | null;
}

export interface FleetRunQuery extends RunListQuery {
  /** Narrows further. */
  readonly selector?: Selector;
}

/** Task instances of a run, and where they come from. */
export interface FleetTasks {
  readonly tasks: readonly TaskInstance[];
  readonly source: "live" | "stored";
  /** Epoch milliseconds. */
  readonly observedAt: number;
}

/** Whose runs somebody may know of. */
export type CanSee = (instance: string) => boolean;

/** The runs of the fleet, as the store remembers them. */
export interface FleetRunUseCases {
  /**
   * Newest due first. With a selector a page may hold fewer rows than asked for.
   * @throws SELECTOR_INVALID, CURSOR_INVALID
   */
  list(query: FleetRunQuery): Promise<StorePage<FleetRun>>;
  /** A run of an instance out of sight is answered as one that does not exist. @throws RUN_KEY_UNKNOWN */
  get(key: RunKey, canSee: CanSee): Promise<FleetRun>;
  /** Reads the run from its engine and remembers what it says. @throws what a live read throws */
  refresh(run: FleetRun, signal?: AbortSignal): Promise<FleetRun>;
  /** Runs with what a page shows of their instances; those of instances that were forgotten are left out. */
  describe(runs: readonly StoredRun[]): Promise<readonly FleetRun[]>;
  /** Oldest first. */
  history(key: RunKey): Promise<readonly StoredObservation[]>;
  /**
   * @param from `live` from the engine now, `stored` as last read; `best`: as last read when that is final, else live,
   *   else as last read.
   */
  tasks(run: FleetRun, from: "live" | "stored" | "best", signal?: AbortSignal): Promise<FleetTasks>;
  /**
   * Every try of a task, oldest first: from the engine, else as they were read, when it has the run no more or cannot be
   * asked. @throws what a live read throws, when nothing is kept
   */
  tries(run: FleetRun, task: Pick<TaskAddress, "taskId" | "mapIndex">, signal?: AbortSignal): Promise<FleetTasks>;
}

import type {
  DagId,
  ExecutionStatus,
  ExecutionTrigger,
  InstanceId,
  NodeResult,
  RunId,
  RunKey,
  TriggerId,
} from "@airfleet/model";
import type { DocumentAuthor } from "../documents/document-repository.ts";
import type { StorePage } from "../paging/cursor.ts";
import type { JsonObject } from "../text/stored-json.ts";

/**
 * What is still to be done about an execution.
 *
 *  - `preparing`: its version is to be live, then its run to be asked for. Left by asking, failing or cancelling.
 *  - `sent`: its run was asked for. Left when the run is seen, or the trigger ends without one.
 *  - `following`: its run is known; readings and reports of it move the execution.
 *  - `collecting`: its run is over; what its steps left is to be read.
 *  - `stopping`: it was cancelled; its run is to be prevented or stopped.
 *  - `done`: nothing. A run that is cleared takes it back to `following`.
 */
export const EXECUTION_STAGES = ["preparing", "sent", "following", "collecting", "stopping", "done"] as const;
export type ExecutionStage = (typeof EXECUTION_STAGES)[number];

/** What the steps of an execution did. */
export interface ExecutionMetrics {
  readonly nodes: readonly NodeResult[];
  readonly rowsIn: number | null;
  readonly rowsOut: number | null;
  readonly bytes: number | null;
}

/** One execution of a pipeline. Times of ours are epoch milliseconds, those of the engine as it wrote them. */
export interface StoredExecution {
  readonly id: string;
  readonly pipeline: string;
  /** Of the pipeline that ran; null for runs that the engine started by itself. */
  readonly revision: number | null;
  /** Hash of the artifact that ran; null until it is known. */
  readonly artifactHash: string | null;
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly runKey: RunKey;
  readonly trigger: TriggerId | null;
  readonly schedule: string | null;
  /** The tick of its schedule that it serves. */
  readonly tick: number | null;
  readonly triggerType: ExecutionTrigger;
  readonly triggeredBy: string;
  /** Its run was not asked for by us. */
  readonly isDiscovered: boolean;
  readonly status: ExecutionStatus;
  readonly stage: ExecutionStage;
  /** What it waits for, in words. */
  readonly stageNote: string | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly params: JsonObject;
  readonly engineState: string | null;
  readonly result: JsonObject | null;
  readonly error: { readonly code: string | null; readonly message: string; readonly trace: string | null } | null;
  readonly metrics: ExecutionMetrics | null;
  readonly cancelledBy: string | null;
  readonly cancelledAt: number | null;
  readonly attempts: number;
  readonly deadlineAt: number | null;
  readonly requestHash: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface NewExecution {
  readonly id: string;
  readonly pipeline: string;
  readonly revision: number;
  readonly artifactHash: string | null;
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly triggerType: ExecutionTrigger;
  readonly params: JsonObject;
  /** What the request is recognised by when it comes again; null for one without a key. */
  readonly scope: string | null;
  readonly requestHash: string | null;
  readonly schedule?: string | null;
  readonly tick?: number | null;
  readonly deadlineAt: number;
}

/** Names one lease of one execution. */
export interface ExecutionLease {
  readonly id: string;
  readonly fencingToken: number;
  /** As it was claimed. */
  readonly stage: ExecutionStage;
}

export interface LeasedExecution {
  readonly execution: StoredExecution;
  readonly lease: ExecutionLease;
}

/** What became of a piece of work. Absent fields stay; the status of a cancelled execution stays whatever is said. */
export interface ExecutionNews {
  readonly stage: ExecutionStage;
  /** When it is to be worked on again, in milliseconds from now; null for never. */
  readonly againInMs: number | null;
  readonly stageNote?: string | null;
  readonly status?: ExecutionStatus;
  readonly revision?: number;
  readonly artifactHash?: string;
  readonly trigger?: TriggerId;
  readonly result?: JsonObject | null;
  readonly error?: StoredExecution["error"];
  readonly metrics?: ExecutionMetrics;
  readonly completedAt?: string;
}

/** Those that meet every condition given. */
export interface ExecutionFilter {
  readonly pipeline?: string;
  readonly statuses?: readonly ExecutionStatus[];
  readonly instances?: readonly string[];
  readonly schedule?: string;
  readonly triggerType?: ExecutionTrigger;
}

export interface ExecutionQuery extends ExecutionFilter {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
  /** Instead of `after`: so many are left out, for clients that count pages. */
  readonly offset?: number;
}

/** How often a schedule's runs came to which end. */
export interface ScheduleTally {
  readonly total: number;
  readonly successful: number;
  readonly failed: number;
  /** When the last was made, epoch milliseconds. */
  readonly lastAt: number | null;
}

/** Executions of pipelines. Changes of state are told in the transaction that makes them. */
export interface ExecutionRepository {
  /** Writes it with its audit row and event, or finds the one that its scope stands for. */
  create(
    execution: NewExecution,
    author: DocumentAuthor,
  ): Promise<{ readonly execution: StoredExecution; readonly created: boolean }>;
  find(id: string): Promise<StoredExecution | undefined>;
  findByScope(scope: string): Promise<StoredExecution | undefined>;
  /** Newest first. */
  list(query: ExecutionQuery): Promise<StorePage<StoredExecution>>;
  /** How many there are, counted up to `most`. */
  count(filter: ExecutionFilter, most: number): Promise<number>;
  /** Leases executions with work that is due, oldest first; `only` one of them, due or not. */
  claim(request: {
    readonly leaseMs: number;
    readonly limit: number;
    readonly only?: string;
  }): Promise<readonly LeasedExecution[]>;
  /** Writes what became of the work and gives the lease back. @returns undefined when the lease was lost. */
  finish(lease: ExecutionLease, news: ExecutionNews): Promise<StoredExecution | undefined>;
  /**
   * Cancels one that is pending or running, for ever.
   *
   * @returns as it stands then, and whether this call did it; undefined for one that is not there
   */
  cancel(
    id: string,
    author: DocumentAuthor,
  ): Promise<{ readonly execution: StoredExecution; readonly cancelled: boolean } | undefined>;
  /** Has its results read again. */
  collectAgain(id: string): Promise<void>;
  tallies(schedules: readonly string[]): Promise<ReadonlyMap<string, ScheduleTally>>;
}

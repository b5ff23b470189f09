import type { MissedPolicy, ScheduleTiming, Scheduler } from "@airfleet/model";
import type { DocumentAuthor } from "../documents/document-repository.ts";
import type { NewExecution, StoredExecution } from "../executions/execution-repository.ts";
import type { StorePage } from "../paging/cursor.ts";
import type { JsonObject } from "../text/stored-json.ts";

/** What people say of a schedule. */
export interface ScheduleDefinition extends ScheduleTiming {
  readonly missed: MissedPolicy;
  /** Where it runs; the pipeline decides when both are null. */
  readonly instance: string | null;
  readonly environment: string | null;
  /** What older clients keep with it; shown again, and nothing else. */
  readonly kept: JsonObject;
}

/** A schedule of a pipeline. Times are epoch milliseconds. */
export interface StoredSchedule {
  readonly id: string;
  readonly pipeline: string;
  readonly name: string;
  readonly description: string | null;
  readonly definition: ScheduleDefinition;
  readonly params: JsonObject;
  readonly isActive: boolean;
  readonly runBy: Scheduler;
  /** It is the pipeline's own schedule, shown here. */
  readonly isPrimary: boolean;
  /** Rises whenever somebody else comes to be in charge, or the definition changes: work begun before is void. */
  readonly epoch: number;
  /** Counts intervals without a start date. */
  readonly anchor: number;
  /** The tick that is to be served next; null while it is not this server that serves it. */
  readonly nextTick: number | null;
  readonly lastTick: number | null;
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ScheduleWrite {
  readonly name: string;
  readonly description: string | null;
  readonly definition: ScheduleDefinition;
  readonly params: JsonObject;
  readonly isActive: boolean;
  readonly runBy: Scheduler;
  readonly nextTick: number | null;
}

export interface ScheduleFilter {
  readonly pipeline?: string;
  readonly isActive?: boolean;
  readonly runBy?: Scheduler;
}

export interface ScheduleQuery extends ScheduleFilter {
  readonly limit: number;
  readonly after?: string;
  readonly offset?: number;
}

export interface ScheduleLease {
  readonly id: string;
  readonly fencingToken: number;
  readonly epoch: number;
}

export interface LeasedSchedule {
  readonly schedule: StoredSchedule;
  readonly lease: ScheduleLease;
}

/** What a served tick comes to: executions to be made, and when the next is due. */
export interface ServedTicks {
  readonly executions: readonly NewExecution[];
  readonly lastTick: number | null;
  readonly nextTick: number | null;
}

/** Schedules of pipelines. Each change is audited and told in its own transaction. */
export interface ScheduleRepository {
  create(
    schedule: ScheduleWrite & { readonly id: string; readonly pipeline: string },
    author: DocumentAuthor,
  ): Promise<StoredSchedule>;
  find(id: string): Promise<StoredSchedule | undefined>;
  /** The pipeline's own. */
  primaryOf(pipeline: string): Promise<StoredSchedule | undefined>;
  /** Newest first. */
  list(query: ScheduleQuery): Promise<StorePage<StoredSchedule>>;
  count(filter: ScheduleFilter, most: number): Promise<number>;
  /** Voids all work begun before. @throws {AirfleetError} SCHEDULE_UNKNOWN, VERSION_CONFLICT */
  update(id: string, write: ScheduleWrite, version: number, author: DocumentAuthor): Promise<StoredSchedule>;
  /** @throws {AirfleetError} SCHEDULE_UNKNOWN, VERSION_CONFLICT */
  remove(id: string, version: number, author: DocumentAuthor): Promise<void>;
  /** Leases schedules that this server is in charge of and that are due, oldest first. */
  claimDue(request: { readonly leaseMs: number; readonly limit: number }): Promise<readonly LeasedSchedule[]>;
  /**
   * Makes the executions of the ticks that were due and moves on to the next, all or nothing.
   *
   * @returns undefined when the lease was lost, or the schedule was changed, switched off or removed meanwhile
   */
  serve(
    lease: ScheduleLease,
    served: ServedTicks,
    author: DocumentAuthor,
  ): Promise<readonly StoredExecution[] | undefined>;
  /** When the next tick is due of all that this server is in charge of; null for never. */
  nextDue(): Promise<number | null>;
}

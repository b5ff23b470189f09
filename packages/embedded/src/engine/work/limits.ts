import type { NodeRetry } from "@airfleet/model";

/** What the engine allows itself. */
export interface EngineLimits {
  /** Steps carried out at a time, over all runs. */
  readonly concurrency: number;
  /** Steps at a time that name a pool: a tenant's share. The default pool has as many as there are in all. */
  readonly pools: Readonly<Record<string, number>>;
  /** Characters of output kept of one try. */
  readonly logBytes: number;
  /** Hours that the rows between the steps of a run are kept after it succeeded. */
  readonly keepHours: number;
  /** The same of a run that failed: somebody may want to look, or to clear it. */
  readonly keepFailedHours: number;
  /** Bytes that rows of ended runs may take; the oldest go first. */
  readonly keepBytes: number;
  /** Hours that logs and records of ended runs are kept. */
  readonly keepRunsHours: number;
  /** What becomes of ticks that passed while nobody ran the work, of schedules that do not catch up. */
  readonly missedRuns: "skip" | "latest";
  /** For steps that say nothing of it. */
  readonly retry: NodeRetry;
}

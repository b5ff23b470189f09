import type { InstanceId } from "../ids.ts";

/** Where a pipeline stands in its life; a paused or archived one is not run by its schedule. */
export const PIPELINE_STATUSES = ["draft", "active", "paused", "archived"] as const;
export type PipelineStatus = (typeof PIPELINE_STATUSES)[number];

/**
 * Everything about a pipeline that people change, and that a version keeps.
 *
 * - *config*: nodes and edges as they came; what they mean is found when they are checked, and a draft may be wrong
 * - *environment*: a name such as `dev` for the instances that the pipeline is deployed to under it
 * - *revision*: the number of a version; rises by one with every change
 */
export interface PipelineContent {
  readonly name: string;
  readonly description: string | null;
  /** The author's own, such as `1.0.0`. */
  readonly version: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Cron; null for none. */
  readonly schedule: string | null;
  readonly isScheduled: boolean;
  /** Of the schedule, in IANA's names. */
  readonly timeZone: string;
  readonly status: PipelineStatus;
  readonly tags: readonly string[];
  readonly defaultParams: Readonly<Record<string, unknown>>;
  readonly owner: string | null;
  readonly tenant: string | null;
  readonly environments: Readonly<Record<string, readonly InstanceId[]>>;
}

/** Whether the pipeline is to run by itself. */
export const isOnSchedule = ({
  schedule,
  isScheduled,
  status,
}: Pick<PipelineContent, "schedule" | "isScheduled" | "status">): boolean =>
  isScheduled && schedule !== null && status !== "paused" && status !== "archived";

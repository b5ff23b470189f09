import { z } from "zod";
import { RUN_STATES, type RunState } from "../states/run-state.ts";
import { TASK_STATES, type TaskState } from "../states/task-state.ts";
import type { DagId, RunId, TaskId } from "../ids.ts";
import type { Instant } from "../work/dag.ts";

/** Formats in which runs are reported to us. `g0`, `g1`, `g2` are cwl-airflow's, by age; `rikolti` is a publisher's. */
export const REPORT_FORMATS = ["native", "g0", "g1", "g2", "rikolti"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const Zoned = z.iso.datetime({ offset: true });
const Id = z.string().min(1).max(250);
/** What came out of a JSON parser needs no look at each of its values. */
const AnyJson = z.unknown();

/** What was being done when a run failed, in few words, and the message. */
const ReportedError = z.strictObject({
  /** `docker`, `network`, `stopped`, `task`, …: the sender's own word. */
  category: z.string().min(1).max(100).optional(),
  message: z.string().max(100_000),
});

/** How far a run is, as its sender counts. */
const ReportedProgress = z.strictObject({
  percent: z.number().min(0).max(100),
  title: z.string().max(500).optional(),
});

/**
 * One report in our own format, version 1: a run or one of its tasks has entered a state. Published as JSON Schema.
 *
 * Times are the sender's, with their zone; what counts for order is when we received it, and then what the engine says.
 */
export const NativeReport = z.strictObject({
  version: z.literal(1),
  /** The sender's own id of this report, the same at each delivery; what was received under it before is dropped. */
  event_id: z.string().min(8).max(100),
  instance: Id,
  dag_id: Id,
  dag_run_id: Id,
  /** What told the sender: a hook of Airflow's, a callback of the DAG, or the task itself. */
  origin: z.enum(["listener", "callback", "task"]).optional(),
  /** Counts up within one `source`; says nothing between two. */
  seq: z.int().min(0).optional(),
  source: z.string().max(200).optional(),
  sent_at: Zoned,
  run: z
    .strictObject({
      state: z.enum(RUN_STATES),
      logical_date: Zoned.nullish(),
      started_at: Zoned.nullish(),
      ended_at: Zoned.nullish(),
      run_type: z.string().max(50).nullish(),
      conf: z.record(z.string(), AnyJson).optional(),
    })
    .optional(),
  task: z
    .strictObject({
      task_id: Id,
      try_number: z.int().min(0),
      /** -1 for a task that is not mapped. */
      map_index: z.int().min(-1).default(-1),
      state: z.enum(TASK_STATES),
      started_at: Zoned.nullish(),
      ended_at: Zoned.nullish(),
      /** Where its process ran, for the evidence that it is gone. */
      hostname: z.string().max(255).nullish(),
      pid: z.int().min(0).nullish(),
      /** The process that runs the hook is the task's own and is about to end. */
      process_ends: z.boolean().optional(),
    })
    .optional(),
  progress: ReportedProgress.optional(),
  error: ReportedError.optional(),
  results: AnyJson.optional(),
  statistics: AnyJson.optional(),
  logs: AnyJson.optional(),
});
export type NativeReport = z.infer<typeof NativeReport>;

/** What a report says of a task. */
export interface ReportedTask {
  readonly taskId: TaskId;
  readonly tryNumber: number | null;
  /** Null for a task that is not mapped. */
  readonly mapIndex: number | null;
  readonly state: TaskState;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly hostname: string | null;
  readonly pid: number | null;
  readonly processEnds: boolean;
}

/** What a report says of its run besides its state, kept with the run; an absent part says nothing. */
export interface ReportedDetails {
  /** 0–100. */
  readonly progress?: number;
  readonly title?: string;
  readonly error?: { readonly category: string | null; readonly message: string };
  readonly results?: unknown;
  readonly statistics?: unknown;
  readonly logs?: unknown;
}

/** A report in any format, understood. All formats become this before anything else looks at them. */
export interface RunReport {
  readonly format: ReportFormat;
  /** The sender's own id; null for formats without one, whose content tells duplicates. */
  readonly eventId: string | null;
  /** Hash of everything that it says. */
  readonly contentHash: string;
  readonly dagId: DagId;
  readonly runId: RunId;
  /** Null when it says nothing of the run's state. A task that runs says that its run does. */
  readonly runState: RunState | null;
  readonly logicalDate: Instant | null;
  readonly conf: Readonly<Record<string, unknown>> | null;
  readonly task: ReportedTask | null;
  /** More tasks of the same run: a G0 snapshot lists them all. */
  readonly otherTasks: readonly ReportedTask[];
  readonly details: ReportedDetails;
  /** When it was sent as the sender says, epoch milliseconds; null when it does not say. */
  readonly sentAt: number | null;
  /** The report as it came, JSON text, cut when it is too long to be kept. */
  readonly message: string;
  readonly isCut: boolean;
}

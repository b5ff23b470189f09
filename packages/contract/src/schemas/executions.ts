import { EXECUTION_STATUSES, EXECUTION_TRIGGERS } from "@airfleet/model";
import { z } from "zod";
import { InstanceIdSchema, InstantSchema, JsonObject } from "./primitives.ts";

export const ExecutionAddress = z.strictObject({ execution: z.string().min(1).max(100) });
export const ExecutedPipeline = z.strictObject({ pipeline: z.string().min(1).max(64) });

const Environment = z.string().min(1).max(50).describe("One of the pipeline's environments, which names one instance");

export const ExecuteBody = z
  .strictObject({
    params: JsonObject.default({}).describe("What {{ params.x }} is in this execution"),
    trigger_type: z.enum(EXECUTION_TRIGGERS).default("manual"),
    instance: InstanceIdSchema.optional(),
    environment: Environment.optional(),
  })
  .meta({ id: "ExecutionRequest" });

/** As older servers answer, and the id of the execution. */
export const ExecutionStarted = z
  .object({
    pipeline_id: z.string(),
    celery_task_id: z.string().describe("Id of the durable work; that of the execution"),
    status: z.literal("pending"),
    message: z.string(),
    execution_id: z.string(),
  })
  .meta({ id: "ExecutionStarted" });

const ExecutionNode = z.object({
  step: z.string().describe("Id of the task"),
  node: z.string().nullable(),
  label: z.string().nullable(),
  state: z.string().nullable(),
  try_number: z.number().int().nullable(),
  rows_in: z.number().int().nullable(),
  rows_out: z.number().int().nullable(),
  bytes: z.number().int().nullable(),
  seconds: z.number().nullable(),
  chosen: z.string().nullable().describe("The way that a branch took"),
});

const LogEntry = z.object({
  at: z.string().nullable(),
  level: z.string().nullable(),
  text: z.string(),
});

const ExecutionTaskLog = z.object({
  task: z.string(),
  map_index: z.number().int(),
  try_number: z.number().int(),
  state: z.string().nullable(),
  source: z.enum(["live", "archive"]).nullable(),
  is_cut: z.boolean().describe("Only its last lines are here"),
  lines: z.array(LogEntry),
  error: z.string().nullable(),
});

export const ExecutionView = z
  .object({
    id: z.string(),
    pipeline_id: z.string(),
    triggered_by: z.string(),
    status: z.enum(EXECUTION_STATUSES),
    trigger_type: z.enum(EXECUTION_TRIGGERS),
    started_at: InstantSchema.nullable(),
    completed_at: InstantSchema.nullable(),
    duration_seconds: z.number().int().nullable(),
    params: JsonObject,
    result: JsonObject.nullable(),
    error_code: z.string().nullable(),
    error_message: z.string().nullable(),
    error_trace: z.string().nullable(),
    logs: z.array(z.unknown()).describe("Always empty; logs have a route of their own"),
    metrics: z.object({
      rows_in: z.number().int().nullable().describe("Rows read from outside"),
      rows_out: z.number().int().nullable().describe("Rows written to outside"),
      bytes: z.number().int().nullable(),
      nodes: z.array(ExecutionNode),
    }),
    airflow_dag_run_id: z.string(),
    celery_task_id: z.string(),
    instance: z.string(),
    dag_id: z.string(),
    run: z.string().describe("Key of the run, for /api/v1/runs/{run}"),
    trigger_id: z.string().nullable(),
    schedule_id: z.string().nullable(),
    revision: z.number().int().nullable().describe("Of the pipeline that ran"),
    artifact_hash: z.string().nullable().describe("Of the artifact that ran"),
    engine_state: z.string().nullable(),
    stage: z.string().describe("What is still to be done about it"),
    note: z.string().nullable().describe("What it waits for"),
    cancelled_by: z.string().nullable(),
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "Execution" });
export type ExecutionView = z.infer<typeof ExecutionView>;

/** For clients that count pages, and for those that follow a cursor. */
export const PagedQuery = {
  page: z.coerce.number().int().min(1).max(100_000).optional().describe("Counts from 1; a cursor goes deeper for less"),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(2_000).optional(),
} as const;

export const paged = <Item extends z.ZodType>(item: Item) =>
  ({
    items: z.array(item),
    next_cursor: z.string().nullable(),
    total: z.number().int(),
    total_is_minimum: z.boolean().describe("There are more than were counted"),
    page: z.number().int(),
    page_size: z.number().int(),
  }) as const;

export const ExecutionQuery = z.strictObject({
  ...PagedQuery,
  pipeline_id: z.string().min(1).max(64).optional(),
  status: z.enum(EXECUTION_STATUSES).optional(),
  trigger_type: z.enum(EXECUTION_TRIGGERS).optional(),
  schedule_id: z.string().min(1).max(100).optional(),
});

export const ExecutionPage = z
  .object({ executions: z.array(ExecutionView).describe("The same as items"), ...paged(ExecutionView) })
  .meta({ id: "ExecutionPage" });

/** As older servers answer, and how it stands now. */
export const ExecutionWork = z
  .object({
    execution_id: z.string(),
    celery_task_id: z.string(),
    message: z.string(),
    status: z.enum(EXECUTION_STATUSES),
  })
  .meta({ id: "ExecutionWork" });

export const ExecutionLogQuery = z.strictObject({
  task: z.string().min(1).max(250).optional(),
  lines: z.coerce.number().int().min(1).max(5_000).default(500).describe("Last lines of each try"),
});

export const ExecutionLogs = z
  .object({ execution_id: z.string(), logs: z.array(ExecutionTaskLog), error: z.string().nullable() })
  .meta({ id: "ExecutionLogs" });

export const PipelineWebhookBody = z
  .strictObject({
    instance: InstanceIdSchema.optional(),
    environment: Environment.optional(),
    require_signature: z.boolean().default(false).describe("Refuse messages that are not signed with the secret"),
  })
  .meta({ id: "PipelineWebhookRequest" });

export const PipelineWebhookView = z
  .object({
    pipeline_id: z.string(),
    path: z.string().describe("Where to post; whoever has it may start the pipeline"),
    secret: z.string().describe("Signs messages in the way of Standard Webhooks"),
    require_signature: z.boolean(),
    instance: z.string().nullable(),
    environment: z.string().nullable(),
    created_at: InstantSchema,
  })
  .meta({ id: "PipelineWebhook" });

export const PipelineWebhookAddress = ExecutedPipeline.extend({ token: z.string().min(1).max(100) });

/** What somebody else's system sends: it knows nothing of our fields. */
export const PipelineWebhookMessage = JsonObject.meta({ id: "PipelineWebhookMessage" });

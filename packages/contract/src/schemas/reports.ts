import { EventSource, REPORT_FORMATS, RUN_STATES } from "@airfleet/model";
import { z } from "zod";
import { InstanceIdSchema, InstantSchema, JsonObject, page, PageQuery, QueryList } from "./primitives.ts";
import { DocumentIdSchema } from "./subject-rules.ts";

/** One message, or several: the SNS envelope as it is delivered, or the bare message. */
export const ReportPost = z
  .union([z.array(JsonObject).min(1).max(500), JsonObject])
  .meta({ id: "ReportPost", description: "The SNS envelope or the bare message; several as an array" });

/** The first four are a publisher's own; the others are of every other format. */
const REPORT_KINDS = [
  "dag_complete",
  "dag_failure",
  "task_failure",
  "task_data",
  "run_state",
  "task_state",
  "run_details",
] as const;

/** What became of one message. */
export const ReceptionView = z
  .object({
    outcome: z.enum(["accepted", "duplicate", "rejected"]),
    instance: z.string().nullable(),
    dag_id: z.string().nullable(),
    dag_run_id: z.string().nullable(),
    run: z.string().nullable().meta({ description: "Our id of the run" }),
    kind: z.enum(REPORT_KINDS).nullable(),
    /** Under which it waits among the rejected. */
    rejected_id: z.string().nullable(),
    code: z.string().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "Reception" });

export const ReportReceipt = z
  .object({
    items: z.array(ReceptionView),
    accepted: z.number().int(),
    duplicates: z.number().int(),
    rejected: z.number().int(),
  })
  .meta({ id: "ReportReceipt" });

/** A message about a run, as it was kept. */
export const ReportView = z
  .object({
    id: z.string(),
    source: z.string(),
    format: z.enum(REPORT_FORMATS),
    kind: z.enum(REPORT_KINDS),
    run_state: z.enum(RUN_STATES).nullable().meta({ description: "What it says of the run; null when nothing" }),
    task_id: z.string().nullable(),
    try_number: z.number().int().nullable(),
    map_index: z.number().int().nullable(),
    /** What the publisher said, whatever it is; text when it was too long and only its beginning was kept. */
    message: z.unknown(),
    message_cut: z.boolean(),
    error: z.boolean(),
    sent_at: InstantSchema,
    received_at: InstantSchema,
  })
  .meta({ id: "Report" });

export const ReportListQuery = z.strictObject(PageQuery);
export const ReportPage = page(ReportView);

/** A report that came and was no repetition, without what it says at length. */
export const ReceivedReportView = z
  .object({
    id: z.string(),
    outcome: z.enum(["accepted", "rejected"]),
    source: z.string(),
    instance: z.string().nullable(),
    run: z.string().nullable().meta({ description: "Our id of the run" }),
    dag_id: z.string().nullable(),
    dag_run_id: z.string().nullable(),
    format: z.enum(REPORT_FORMATS).nullable(),
    kind: z.enum(REPORT_KINDS).nullable(),
    run_state: z.enum(RUN_STATES).nullable(),
    task_id: z.string().nullable(),
    try_number: z.number().int().nullable(),
    map_index: z.number().int().nullable(),
    error: z.boolean(),
    /** Why it could not be used. */
    code: z.string().nullable(),
    detail: z.string().nullable(),
    sent_at: InstantSchema.nullable(),
    received_at: InstantSchema,
  })
  .meta({ id: "ReceivedReport" });

export const ReceivedReportQuery = z.strictObject({
  ...PageQuery,
  instance: QueryList.optional().meta({ description: "Only of these instances, comma-separated" }),
  dag_id: QueryList.optional().meta({
    description: "Only of these DAGs, comma-separated; leaves out what was rejected",
  }),
  outcome: z.enum(["accepted", "rejected"]).optional(),
  since: z.string().min(5).max(100).optional().meta({ description: "Only what came after the report with this id" }),
});

export const RejectedReportView = z
  .object({
    id: z.string(),
    source: z.string(),
    instance: z.string().nullable(),
    code: z.string(),
    detail: z.string(),
    body: z.string(),
    body_cut: z.boolean(),
    tries: z.number().int(),
    received_at: InstantSchema,
  })
  .meta({ id: "RejectedReport" });

export const RejectedReportParams = z.strictObject({ report: z.string().min(1).max(100) });

export const RetryOutcomeView = z
  .object({ tried: z.number().int(), accepted: z.number().int(), rejected: z.number().int() })
  .meta({ id: "RetryOutcome" });

export const EventSourceParams = z.strictObject({ source: DocumentIdSchema });

export const EventSourceBody = EventSource.meta({ id: "EventSourceDefinition" });

/** A source with how it is read. Keys are never shown. */
export const EventSourceView = z
  .object({
    id: z.string(),
    type: z.enum(["sqs", "http"]),
    enabled: z.boolean(),
    instance: InstanceIdSchema.nullable(),
    hosts: z.record(z.string(), z.string()),
    queue_url: z.string().nullable(),
    region: z.string().nullable(),
    endpoint: z.string().nullable(),
    credentials: z.enum(["chain", "keys"]).nullable(),
    access_key_id: z.string().nullable(),
    wait_seconds: z.number().int().nullable(),
    visibility_seconds: z.number().int().nullable(),
    /** Whether the server that answers is the one that reads the queue; null where there is none to read. */
    reading: z.boolean().nullable(),
    received: z.number().int(),
    rejected: z.number().int(),
    received_at: InstantSchema.nullable(),
    error: z.string().nullable(),
    error_at: InstantSchema.nullable(),
    version: z.number().int(),
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "EventSource" });

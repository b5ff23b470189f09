import { NativeReport, REPORT_FORMATS, ReportSource } from "@airfleet/model";
import { z } from "zod";
import { InstantSchema } from "./primitives.ts";

/** One report in our own format. */
export const NativeReportSchema = NativeReport.meta({
  id: "NativeReport",
  description: "A run, or one of its tasks, has entered a state; version 1",
});

/** One report, or several. The signature is checked first, and then each by itself: a bad one does not stop the rest. */
export const ReportDelivery = z
  .union([
    NativeReportSchema,
    z.strictObject({
      reports: z.array(NativeReportSchema).min(1).max(500).meta({ description: "Oldest first" }),
    }),
  ])
  .meta({ id: "ReportDelivery" });

/** What became of each report. */
export const ReportDeliveryReceipt = z
  .object({
    accepted: z.number().int(),
    duplicates: z.number().int(),
    rejected: z.number().int(),
    /** In the order in which they were sent. */
    items: z.array(
      z.object({
        event_id: z.string().nullable(),
        outcome: z.enum(["accepted", "duplicate", "rejected"]),
        run: z.string().nullable().meta({ description: "Our id of the run" }),
        code: z.string().nullable(),
        detail: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "ReportDeliveryReceipt" });

export const ReportSourceBody = ReportSource.meta({ id: "ReportSourceDefinition" });

/** What reached the server, or was turned away. */
export const ReportArrivalView = z
  .object({
    seq: z.number().int().meta({ description: "Counts up within one server" }),
    at: InstantSchema,
    outcome: z.enum(["accepted", "duplicate", "rejected", "refused"]),
    instance: z.string().nullable(),
    format: z.enum(REPORT_FORMATS).nullable(),
    dag_id: z.string().nullable(),
    dag_run_id: z.string().nullable(),
    task_id: z.string().nullable(),
    state: z.string().nullable().meta({ description: "Of the task if it is about one, else of the run" }),
    code: z.string().nullable(),
    detail: z.string().nullable().meta({ description: "Why, in more words than its sender was told" }),
    ip: z.string(),
  })
  .meta({ id: "ReportArrival" });

export const ReportArrivalsQuery = z.strictObject({
  instance: z.string().min(1).max(64).optional().meta({ description: "Only of this instance" }),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: "Only what came after this `seq`" }),
});

/** The last that reached this server. */
export const ReportArrivalsView = z
  .object({
    server: z.string().meta({ description: "When it differs from last time, another server answered: begin anew" }),
    items: z.array(ReportArrivalView),
    last: z.number().int().meta({ description: "What to give as `after` next" }),
  })
  .meta({ id: "ReportArrivals" });

const ReportKeyView = z.object({
  key_id: z.string(),
  type: z.enum(["public", "secret"]),
  algorithm: z.string(),
  public_key: z.string().nullable(),
  not_before: InstantSchema.nullable(),
  not_after: InstantSchema.nullable(),
});

/** Who may report of an instance. Shared secrets are never shown. */
export const ReportSourceView = z
  .object({
    instance: z.string(),
    enabled: z.boolean(),
    unsigned: z.enum(["refuse", "allow"]),
    keys: z.array(ReportKeyView),
    jwks: z.object({ url: z.string(), algorithms: z.array(z.string()), error: z.string().nullable() }).nullable(),
    bare_paths: z.boolean(),
    time_zone: z.string(),
    /** Of the server that answers, since it started; as is all that follows. */
    accepted: z.number().int(),
    duplicates: z.number().int(),
    rejected: z.number().int(),
    refused: z.number().int(),
    accepted_at: InstantSchema.nullable(),
    /** The last posts that were turned away, newest first. */
    refusals: z.array(ReportArrivalView),
    version: z.number().int(),
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "ReportSource" });

import { MISSED_POLICIES, SCHEDULE_FREQUENCIES, SCHEDULERS } from "@airfleet/model";
import { z } from "zod";
import { paged, PagedQuery } from "./executions.ts";
import { InstanceIdSchema, InstantSchema, JsonObject, QueryBoolean } from "./primitives.ts";

export const ScheduleAddress = z.strictObject({ schedule: z.string().min(1).max(100) });

/** The fields of older servers; `max_retries` and what follows are kept and shown, and decide nothing: nodes have retries. */
const ScheduleConfig = z.strictObject({
  minute: z.number().int().min(0).max(59).optional(),
  hour: z.number().int().min(0).max(23).optional(),
  days_of_week: z.array(z.number().int().min(0).max(6)).max(7).optional().describe("0 is Sunday"),
  day_of_month: z.number().int().min(1).max(31).optional(),
  cron_expression: z.string().max(200).nullable().optional(),
  interval_seconds: z.number().int().min(10).max(31_536_000).nullable().optional(),
  params: JsonObject.optional(),
  max_retries: z.number().int().min(0).max(50).optional(),
  retry_delay_minutes: z.number().int().min(0).max(1_440).optional(),
  timeout_minutes: z.number().int().min(1).max(10_080).optional(),
  send_notifications: z.boolean().optional(),
  notification_emails: z.array(z.string().max(320)).max(50).optional(),
});

const fields = {
  name: z.string().trim().min(1).max(255),
  description: z.string().max(10_000).nullable(),
  frequency: z.enum(SCHEDULE_FREQUENCIES),
  timezone: z.string().min(1).max(100),
  start_date: InstantSchema.nullable(),
  end_date: InstantSchema.nullable(),
  config: ScheduleConfig,
  missed: z.enum(MISSED_POLICIES).describe("What becomes of ticks that no server was there for"),
  instance: InstanceIdSchema.nullable(),
  environment: z.string().min(1).max(50).nullable(),
  status: z.enum(["active", "paused"]),
} as const;

const optional = z.object(fields).partial().shape;

export const ScheduleBody = z
  .strictObject({ ...optional, name: fields.name, pipeline_id: z.string().min(1).max(64) })
  .meta({ id: "ScheduleRequest" });

export const SchedulePatch = z.strictObject(optional).meta({ id: "SchedulePatch" });

export const ScheduleStatusBody = z
  .strictObject({ status: fields.status.optional(), is_active: z.boolean().optional() })
  .refine(({ status, is_active }) => (status === undefined) !== (is_active === undefined), {
    message: 'Say either "status" or "is_active"',
  })
  .meta({ id: "ScheduleStatus" });

export const ScheduleView = z
  .object({
    id: z.string(),
    pipeline_id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    frequency: z.enum(SCHEDULE_FREQUENCIES),
    cron_expression: z.string().nullable(),
    timezone: z.string(),
    start_date: InstantSchema.nullable(),
    end_date: InstantSchema.nullable(),
    config: JsonObject,
    missed: z.enum(MISSED_POLICIES),
    instance: z.string().nullable(),
    environment: z.string().nullable(),
    status: z.enum(["active", "paused"]),
    is_active: z.boolean(),
    run_by: z.enum(SCHEDULERS).describe("Who starts its runs: the engine, or this server"),
    run_by_reason: z.string().nullable().describe("Why it is not the engine"),
    is_pipeline_schedule: z.boolean().describe("It is the pipeline's own schedule"),
    next_run_at: InstantSchema.nullable(),
    last_run_at: InstantSchema.nullable(),
    total_runs: z.number().int(),
    successful_runs: z.number().int(),
    failed_runs: z.number().int(),
    is_airflow_synced: z.boolean().nullable().describe("An engine has it; null where no engine is in charge"),
    airflow_dag_id: z.string(),
    version: z.number().int(),
    created_by: z.string(),
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "Schedule" });
export type ScheduleView = z.infer<typeof ScheduleView>;

export const ScheduleQuery = z.strictObject({
  ...PagedQuery,
  pipeline_id: z.string().min(1).max(64).optional(),
  status: fields.status.optional(),
  is_active: QueryBoolean.optional(),
  run_by: z.enum(SCHEDULERS).optional(),
});

export const SchedulePage = z
  .object({ schedules: z.array(ScheduleView).describe("The same as items"), ...paged(ScheduleView) })
  .meta({ id: "SchedulePage" });

export const ScheduleStatsView = z
  .object({
    total_schedules: z.number().int(),
    active_schedules: z.number().int(),
    paused_schedules: z.number().int(),
    run_by_engine: z.number().int(),
    run_by_airfleet: z.number().int(),
  })
  .meta({ id: "ScheduleStats" });

export const ScheduleNextQuery = z.strictObject({ count: z.coerce.number().int().min(1).max(100).default(5) });
export const ScheduleNextView = z
  .object({ schedule_id: z.string(), timezone: z.string(), next_runs: z.array(InstantSchema) })
  .meta({ id: "ScheduleNext" });

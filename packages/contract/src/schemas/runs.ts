import {
  LOG_LEVELS,
  RUN_STATES,
  RUN_TYPES,
  SETTABLE_RUN_STATES,
  SETTABLE_TASK_STATES,
  TASK_STATES,
} from "@airfleet/model";
import { z } from "zod";
import { Confirm, InstantSchema, JsonObject, PageQuery, QueryBoolean, QueryList } from "./primitives.ts";

export const RunView = z
  .object({
    instance: z.string(),
    dag_id: z.string(),
    dag_run_id: z.string(),
    state: z.enum(RUN_STATES),
    /** The engine's own word. */
    engine_state: z.string(),
    run_type: z.enum(RUN_TYPES),
    logical_date: InstantSchema.nullable(),
    data_interval_start: InstantSchema.nullable(),
    data_interval_end: InstantSchema.nullable(),
    run_after: InstantSchema.nullable(),
    queued_at: InstantSchema.nullable(),
    started_at: InstantSchema.nullable(),
    ended_at: InstantSchema.nullable(),
    duration_seconds: z.number().nullable(),
    conf: JsonObject,
    note: z.string().nullable(),
    triggered_by: z.string().nullable(),
    ui_url: z.string(),
    observed_at: InstantSchema,
  })
  .meta({ id: "Run" });

export const RunListQuery = z.strictObject({
  ...PageQuery,
  state: QueryList.pipe(z.array(z.enum(RUN_STATES))).optional(),
});

export const RunTrigger = z
  .strictObject({
    conf: JsonObject.default({}),
    logical_date: InstantSchema.optional(),
    data_interval_start: InstantSchema.optional(),
    data_interval_end: InstantSchema.optional(),
    run_after: InstantSchema.optional(),
    note: z.string().max(1_000).optional(),
    /** Ours is made from the Idempotency-Key, or at random, when absent. */
    dag_run_id: z.string().min(1).max(250).optional(),
  })
  .meta({ id: "RunTrigger" });

export const RunPatch = z
  .strictObject({ state: z.enum(SETTABLE_RUN_STATES), confirm: Confirm })
  .meta({ id: "RunPatch" });

export const RunClear = z
  .strictObject({
    dry_run: z.boolean().default(false),
    only_failed: z.boolean().default(true),
    task_ids: z.array(z.string().min(1).max(250)).min(1).max(1_000).optional(),
    confirm: Confirm,
  })
  .meta({ id: "RunClear" });

export const RunStop = z.strictObject({ confirm: Confirm }).meta({ id: "RunStop" });

export const TaskInstanceView = z
  .object({
    task_id: z.string(),
    map_index: z.number().int(),
    display_name: z.string(),
    state: z.enum(TASK_STATES),
    engine_state: z.string().nullable(),
    try_number: z.number().int(),
    max_tries: z.number().int(),
    operator: z.string().nullable(),
    pool: z.string().nullable(),
    queue: z.string().nullable(),
    hostname: z.string().nullable(),
    pid: z.number().int().nullable(),
    queued_at: InstantSchema.nullable(),
    started_at: InstantSchema.nullable(),
    ended_at: InstantSchema.nullable(),
    duration_seconds: z.number().nullable(),
    note: z.string().nullable(),
    ui_url: z.string(),
  })
  .meta({ id: "TaskInstance" });

export const TaskPatch = z
  .strictObject({
    state: z.enum(SETTABLE_TASK_STATES),
    map_index: z.number().int().min(-1).default(-1),
    dry_run: z.boolean().default(false),
    confirm: Confirm,
  })
  .meta({ id: "TaskPatch" });

export const LogQuery = z.strictObject({
  /** The newest try when absent. */
  try_number: z.coerce.number().int().min(1).optional(),
  map_index: z.coerce.number().int().min(-1).default(-1),
  follow: QueryBoolean.default(false),
  /** Lines to leave out at the beginning. */
  offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
  /** Only this many lines at the end; not together with follow. */
  tail: z.coerce.number().int().min(1).max(10_000).optional(),
});

/** One line; the answer is one JSON object per line of text. */
export const LogLineView = z
  .object({
    at: InstantSchema.nullable(),
    level: z.enum(LOG_LEVELS).nullable(),
    source: z.string().nullable(),
    text: z.string(),
  })
  .meta({ id: "LogLine" });

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

/** How a run is stopped, one or many. */
const stopFields = {
  timeout: z.number().int().min(1).max(86_400).optional().meta({
    description:
      "Seconds that signs of the end of its processes are waited for; the instance's limits.stop_seconds when absent",
  }),
  teardown: z
    .boolean()
    .default(false)
    .meta({ description: "End teardown tasks too, which Airflow lets finish, and the run with them" }),
  delete: z
    .boolean()
    .default(false)
    .meta({ description: "Delete the engine's run once its processes are gone; what Airfleet knows of it stays" }),
};

export const RunStop = z.strictObject({ ...stopFields, confirm: Confirm }).meta({ id: "RunStop" });

const RUN_STOPS_LIMIT = 1_000;

/** Which runs to stop: named by our ids, or all that the filters find now. */
export const RunStops = z
  .strictObject({
    ...stopFields,
    runs: z.array(z.string().min(1).max(100)).min(1).max(RUN_STOPS_LIMIT).optional(),
    selector: z.string().min(1).max(4_000).optional(),
    instances: z.array(z.string().min(1).max(64)).min(1).max(500).optional(),
    dag_ids: z.array(z.string().min(1).max(250)).min(1).max(500).optional(),
    states: z
      .array(z.enum(["queued", "running"]))
      .min(1)
      .optional()
      .meta({ description: "Runs that have ended are not stopped" }),
    dry_run: z.boolean().default(false).meta({ description: "Tell which would be stopped, and the list's hash" }),
    confirm: z.string().max(100).optional().meta({
      description: 'Where production is concerned: the id of the one such instance, or "N production" with list_hash',
    }),
    list_hash: z.string().max(100).optional().meta({ description: "The hash that a dry run answered" }),
  })
  .superRefine((body, context) => {
    const filters = [body.selector, body.instances, body.dag_ids, body.states];
    const isNamed = body.runs !== undefined;
    if (isNamed !== filters.some((filter) => filter !== undefined)) return;
    const message = isNamed ? "Give runs, or filters, not both" : "Name runs, or give a selector or another filter";
    context.addIssue({ code: "custom", path: ["runs"], message });
  })
  .meta({ id: "RunStops" });

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

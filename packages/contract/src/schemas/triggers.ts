import { SUBJECTS_PER_RUN, TRIGGER_STATES } from "@airfleet/model";
import { z } from "zod";
import { FleetRunView } from "./fleet-runs.ts";
import { DagIdSchema, InstanceIdSchema, InstantSchema, JsonObject, page, PageQuery, QueryList } from "./primitives.ts";
import { SubjectIdSchema, SubjectRefBody, SubjectTypeSchema } from "./subjects.ts";

const DAY_S = 86_400;

/** What waiting means: the engine's answer to each trigger, or the end of its run. */
export const TRIGGER_GOALS = ["accepted", "finished"] as const;

const triggerFields = z.strictObject({
  instances: z
    .array(InstanceIdSchema)
    .min(1)
    .max(1_000)
    .optional()
    .meta({ description: "Where to; either this or selector" }),
  selector: z.string().min(1).max(4_000).optional().meta({
    description: "Picks instances, and may ask of the DAG there; what it picks now is what counts",
    example: "instance=eu-* tag=tier1",
  }),
  dag_id: DagIdSchema,
  /** An object, nested at most 64 deep; the body as a whole may have 1 MiB. */
  conf: JsonObject.default({}),
  secret_conf_keys: z
    .array(z.string().min(1).max(250))
    .max(100)
    .optional()
    .meta({ description: "Keys of the conf, at any depth, whose values Airfleet's own records must not show" }),
  subjects: z.array(SubjectRefBody).max(SUBJECTS_PER_RUN).optional(),
  note: z.string().max(1_000).optional(),
  logical_date: InstantSchema.optional(),
  data_interval_start: InstantSchema.optional(),
  data_interval_end: InstantSchema.optional(),
  run_after: InstantSchema.optional().meta({ description: "Airflow 3: not before this time" }),
  dag_run_id: z.string().min(1).max(250).optional(),
  dag_run_id_prefix: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: "The run id is this, two underscores and the time of the request", example: "cinco__bulk" }),
  map_slashes: z
    .boolean()
    .optional()
    .meta({ description: "Writes the prefix's slashes as colons; else they are refused" }),
  unpause: z.boolean().optional().meta({ description: "Unpauses the DAG once the run was accepted" }),
  accept_scheduled_run: z
    .boolean()
    .optional()
    .meta({ description: "Needed to unpause a DAG with a schedule: its last closed interval then runs as well" }),
  expires_in: z
    .number()
    .int()
    .min(1)
    .max(30 * DAY_S)
    .optional()
    .meta({ description: "Seconds until it is given up; 900 when absent" }),
});

type TriggerFields = z.output<typeof triggerFields>;

const checkTogether = (body: TriggerFields, context: z.RefinementCtx): void => {
  const refuse = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
  if ((body.instances === undefined) === (body.selector === undefined)) {
    refuse("instances", "Give either instances or selector");
  }
  if (body.dag_run_id !== undefined && body.dag_run_id_prefix !== undefined) {
    refuse("dag_run_id_prefix", "Give either dag_run_id or dag_run_id_prefix");
  }
  if ((body.data_interval_start === undefined) !== (body.data_interval_end === undefined)) {
    const missing = body.data_interval_start === undefined ? "data_interval_start" : "data_interval_end";
    refuse(missing, "Both ends of a data interval are needed, or neither");
  }
};

/** One item of a batch. */
export const TriggerItem = triggerFields.superRefine(checkTogether).meta({ id: "TriggerItem" });
export type TriggerItem = z.output<typeof TriggerItem>;

const goal = z.enum(TRIGGER_GOALS).default("accepted").meta({ description: "What `Prefer: wait` waits for" });

export const TriggerCreate = triggerFields
  .extend({ wait_for: goal })
  .superRefine(checkTogether)
  .meta({ id: "TriggerCreate" });

/** Items are checked one by one, so that a bad one does not stop the others. */
export const TriggerBatch = z
  .strictObject({
    items: z
      .array(z.unknown().meta({ description: "A TriggerItem" }))
      .min(1)
      .max(1_000),
    wait_for: goal,
  })
  .meta({ id: "TriggerBatch" });

export const TriggerAttemptView = z
  .object({
    number: z.number().int(),
    at: InstantSchema,
    method: z.string().nullable(),
    path: z.string().nullable(),
    /** The body as sent, secrets taken out. */
    request: z.unknown(),
    status: z.number().int().nullable(),
    /** As text, credentials and secrets taken out. */
    answer: z.string().nullable(),
    /** The answer was longer than what is kept. */
    is_cut: z.boolean(),
    duration_ms: z.number().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: "TriggerAttempt" });

export const TriggerView = z
  .object({
    id: z.string(),
    /** Shared by the triggers of one request. */
    request_id: z.string(),
    action_id: z.string(),
    instance: z.string(),
    dag_id: z.string(),
    dag_run_id: z.string(),
    state: z.enum(TRIGGER_STATES),
    actor: z.string(),
    conf: JsonObject,
    note: z.string().nullable(),
    logical_date: InstantSchema.nullable(),
    run_after: InstantSchema.nullable(),
    unpause: z.boolean(),
    /** The first of them. */
    subjects: z.array(
      z.object({ type: z.string(), id: z.string(), label: z.string().nullable(), url: z.string().nullable() }),
    ),
    subjects_total: z.number().int(),
    /** Null until the run is known. */
    run: FleetRunView.nullable(),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    created_at: InstantSchema,
    finished_at: InstantSchema.nullable(),
    expires_at: InstantSchema.nullable(),
    /** The run's page in the engine's own interface; null when the instance is no more. */
    ui_url: z.string().nullable(),
  })
  .meta({ id: "Trigger" });
export type TriggerView = z.infer<typeof TriggerView>;

export const TriggerDetailView = TriggerView.extend({ attempts: z.array(TriggerAttemptView) }).meta({
  id: "TriggerDetail",
});

export const TriggerRequestView = z
  .object({
    request_id: z.string(),
    /** Where it went, fixed when it was recorded. */
    instances: z.array(z.string()),
    items: z.array(TriggerView),
  })
  .meta({ id: "TriggerRequest" });

export const TriggerBatchView = z
  .object({
    request_id: z.string(),
    recorded: z.number().int(),
    refused: z.number().int(),
    /** In the order of the request. */
    items: z.array(
      z.object({
        index: z.number().int(),
        triggers: z.array(TriggerView),
        /** Why nothing was recorded of this item. */
        error: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
  })
  .meta({ id: "TriggerBatchResult" });

export const TriggerParams = z.strictObject({ trigger: z.string().min(1).max(100) });

export const TriggerListQuery = z
  .strictObject({
    ...PageQuery,
    instance: QueryList.optional(),
    dag_id: QueryList.optional(),
    state: QueryList.pipe(z.array(z.enum(TRIGGER_STATES))).optional(),
    request_id: z.string().min(1).max(100).optional(),
    subject_type: SubjectTypeSchema.optional().meta({ description: "With subject_id: triggers about this object" }),
    subject_id: SubjectIdSchema.optional(),
    actor: z.string().min(1).max(200).optional(),
    created_from: InstantSchema.optional(),
    created_to: InstantSchema.optional().meta({ description: "Not included" }),
  })
  .superRefine((query, context) => {
    if ((query.subject_type === undefined) === (query.subject_id === undefined)) return;
    const path = [query.subject_type === undefined ? "subject_type" : "subject_id"];
    context.addIssue({ code: "custom", path, message: "subject_type and subject_id go together" });
  });

export const TriggerPage = page(TriggerView);

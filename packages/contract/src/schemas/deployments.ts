import { DEPLOYMENT_STATES } from "@airfleet/model";
import { z } from "zod";
import { PipelineAddress } from "./pipelines.ts";
import { DagIdSchema, InstanceIdSchema, InstantSchema, PageQuery, QueryBoolean, QueryList } from "./primitives.ts";

const State = z.enum(DEPLOYMENT_STATES);
/** What a caller may wait for; the deployment may also come to another end before. */
const Goal = z.enum(["written", "parsed", "live", "triggerable"]);
const Confirm = z
  .string()
  .max(200)
  .describe('For production: the id of the one instance, or "N production" for several');
const EnvironmentName = z.string().min(1).max(50);

export const DeploymentAddress = z.strictObject({ deployment: z.string().min(1).max(64) });
export const PipelinePlaceAddress = PipelineAddress.extend({ instance: InstanceIdSchema });

/** Why a deployment does not get on, and where in the pipeline the reason is. */
const DeploymentTrouble = z.object({
  code: z.string(),
  message: z.string(),
  node: z.string().nullable(),
  field: z.string().nullable(),
  line: z.number().int().nullable().describe("Of the generated file"),
});

export const DeploymentView = z
  .object({
    id: z.string(),
    pipeline_id: z.string(),
    revision: z.number().int(),
    plan_hash: z.string(),
    artifact_hash: z.string(),
    instance: z.string(),
    dag_id: z.string(),
    state: State,
    origin: z.enum(["deploy", "execute", "promote", "rollback"]),
    requested_by: z.string(),
    created_at: InstantSchema,
    /** When each state was reached. */
    state_times: z.partialRecord(State, InstantSchema),
    error: DeploymentTrouble.nullable(),
    target: z.string().nullable(),
    target_revision: z.string().nullable(),
    first: z.boolean().describe("Nothing of the pipeline was there before"),
    tasks_changed: z.boolean(),
    scan: z
      .object({
        seconds: z.number(),
        source: z.enum(["configured", "learned", "shipped", "nudged"]),
        text: z.string(),
      })
      .nullable()
      .describe("How long the instance takes to notice a file; null when nobody waits for it"),
    expected_at: InstantSchema.nullable().describe("When it is expected to be triggerable"),
    runs_in_flight: z
      .array(z.string())
      .optional()
      .describe("Of a removal: runs that go on although their file goes away"),
  })
  .meta({ id: "Deployment" });

const DeployItemView = z.object({
  instance: z.string(),
  dag_id: z.string(),
  revision: z.number().int(),
  artifact_hash: z.string(),
  present_hash: z.string().nullable().describe("What is there now; null when nothing is"),
  target: z.string(),
  deployment: DeploymentView.nullable().describe("Null in a dry run"),
});

export const DeployBody = z
  .strictObject({
    instances: z.array(InstanceIdSchema).min(1).max(100).optional(),
    environment: EnvironmentName.optional().describe("One of the pipeline's, in place of instances"),
    dry_run: z.boolean().default(false),
    confirm: Confirm.optional(),
    wait_for: Goal.default("triggerable").describe("What `Prefer: wait` waits for"),
  })
  .refine(({ instances, environment }) => (instances === undefined) !== (environment === undefined), {
    error: 'either "instances" or "environment" is needed, and not both',
  })
  .meta({ id: "DeployBody" });

export const DeployView = z
  .object({ dry_run: z.boolean(), items: z.array(DeployItemView) })
  .meta({ id: "DeployResult" });

export const DeploymentQuery = z.strictObject({
  pipeline_id: z.string().max(64).optional(),
  instance: QueryList.optional(),
  state: QueryList.pipe(z.array(State)).optional(),
  dag_id: DagIdSchema.optional(),
  current: QueryBoolean.optional().describe("Only the newest of each pipeline on each instance"),
  ...PageQuery,
});

export const RollbackBody = z
  .strictObject({ confirm: Confirm.optional(), wait_for: Goal.default("triggerable") })
  .meta({ id: "RollbackBody" });

export const RemovalQuery = z.strictObject({ confirm: Confirm.optional() });

export const PromoteBody = z
  .strictObject({
    from: InstanceIdSchema,
    to: InstanceIdSchema,
    dry_run: z.boolean().default(false),
    allow_missing: z.boolean().default(false).describe("Also where the target lacks names that the pipeline uses"),
    confirm: Confirm.optional(),
    wait_for: Goal.default("triggerable"),
  })
  .meta({ id: "PromoteBody" });

const Changes = z.object({ added: z.array(z.string()), removed: z.array(z.string()), changed: z.array(z.string()) });

export const PromotionView = z
  .object({
    dry_run: z.boolean(),
    from: z.string(),
    to: z.string(),
    revision: z.number().int(),
    difference: z
      .object({ nodes: Changes, edges: Changes, fields: z.array(z.string()) })
      .nullable()
      .describe("What changes on the target; null when nothing is there"),
    missing: z.array(z.object({ kind: z.enum(["connection", "pool", "variable"]), name: z.string() })),
    unread: z.array(z.string()).describe("Kinds of names that could not be read on the target, and why"),
    deployment: DeploymentView.nullable(),
  })
  .meta({ id: "Promotion" });

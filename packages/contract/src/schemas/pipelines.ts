import { MOST_EDGES, MOST_NODES, PIPELINE_FINDING_TYPES, PIPELINE_STATUSES } from "@airfleet/model";
import { z } from "zod";
import { InstanceIdSchema, InstantSchema, JsonObject, PageQuery, QueryList } from "./primitives.ts";

export const PipelineAddress = z.strictObject({ pipeline: z.string().min(1).max(64) });
const Revision = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
export const PipelineVersionAddress = PipelineAddress.extend({ revision: Revision });

/** What a node is stands in the guide of pipelines; here anything is taken that can be drawn on, right or wrong. */
const Nodes = z.array(JsonObject).max(MOST_NODES).describe("As React Flow keeps them: id, type, position, data");
const Edges = z.array(JsonObject).max(MOST_EDGES).describe("source, target, and handles where a node has several ends");
const Config = z.looseObject({ nodes: Nodes.default([]), edges: Edges.default([]) });

const Tags = z.array(z.string().min(1).max(100)).max(100);
const EnvironmentName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,49}$/, "Letters, digits, _ . -, at most 50");

const fields = {
  name: z.string().trim().min(1).max(255),
  description: z.string().max(10_000).nullable(),
  version: z.string().min(1).max(50).describe("The author's own, such as 1.0.0"),
  config: Config,
  schedule: z
    .string()
    .trim()
    .max(100)
    .transform((cron) => (cron === "" ? null : cron))
    .nullable()
    .describe("Five fields of cron, or a preset such as @daily"),
  is_scheduled: z.boolean().describe("Whether it runs by its schedule; a new one with a schedule does"),
  time_zone: z.string().min(1).max(100).describe("Of the schedule, such as Europe/Paris"),
  status: z.enum(PIPELINE_STATUSES).describe("A paused or archived pipeline does not run by its schedule"),
  tags: Tags,
  default_params: JsonObject.describe("What {{ params.x }} is when a run does not say"),
  owner: z.string().max(255).nullable(),
  tenant: z.string().max(255).nullable(),
  environments: z
    .record(EnvironmentName, z.array(InstanceIdSchema).max(100))
    .describe("Names such as dev and prod, each for the instances that the pipeline is deployed to"),
} as const;

const Note = z.string().max(1_000).describe("Why; kept with the version");

/** What a client that sends a whole row back sends as well; nobody can change it, and it is not read. */
const unread = {
  id: z.unknown().optional(),
  dag_id: z.unknown().optional(),
  node_count: z.unknown().optional(),
  created_by: z.unknown().optional(),
  created_at: z.unknown().optional(),
  updated_at: z.unknown().optional(),
  revision: z.unknown().optional(),
  plan_hash: z.unknown().optional(),
  first_scheduled_at: z.unknown().optional(),
} as const;

const optional = z.object(fields).partial().shape;

export const PipelineBody = z
  .strictObject({ ...optional, name: fields.name, note: Note.optional(), ...unread })
  .meta({ id: "PipelineBody" });

/** With PUT too, what is left out stays as it is: clients of older servers send what they change. */
export const PipelinePatchBody = z
  .strictObject({ ...optional, note: Note.optional(), ...unread })
  .meta({ id: "PipelinePatch" });

/** A pipeline that is not stored: as a row, or nodes and edges alone. More nodes than may be stored are a finding. */
export const PipelineCheckBody = z
  .strictObject({
    ...optional,
    ...unread,
    config: z.unknown().optional(),
    nodes: z.unknown().optional(),
    edges: z.unknown().optional(),
  })
  .meta({ id: "PipelineCheck" });

/** A file as an editor or `export` made it: a row, or nodes and edges beside a name. */
export const PipelineFileBody = z
  .strictObject({
    ...optional,
    ...unread,
    name: fields.name,
    nodes: Nodes.optional(),
    edges: Edges.optional(),
    id: z.string().max(64).optional(),
    format: z.literal("airfleet-pipeline").optional(),
  })
  .meta({ id: "PipelineFile" });

export const PipelineImportQuery = z.strictObject({
  on_conflict: z
    .enum(["copy", "replace", "fail"])
    .default("copy")
    .describe("What happens when a pipeline with the file's id is there: a new id, a new revision of it, or 409"),
});

export const PipelineView = z
  .object({
    id: z.uuid(),
    ...z.object(fields).shape,
    config: JsonObject,
    schedule: z.string().nullable(),
    name: z.string(),
    /** Rises with every change; the ETag. */
    revision: z.number().int(),
    /** Of what it compiled to when it was changed last; null when it did not compile. */
    plan_hash: z.string().nullable(),
    first_scheduled_at: InstantSchema.nullable(),
    /** What engines call it. */
    dag_id: z.string(),
    created_by: z.string(),
    created_at: InstantSchema,
    updated_at: InstantSchema,
  })
  .meta({ id: "Pipeline" });
export type PipelineView = z.infer<typeof PipelineView>;

export const PipelineSummaryView = PipelineView.omit({ config: true })
  .extend({ node_count: z.number().int() })
  .meta({ id: "PipelineSummary" });

export const PipelineQuery = z.strictObject({
  ...PageQuery,
  search: z.string().min(1).max(200).optional().describe("Part of the name, the description or a tag"),
  tag: QueryList.optional().describe("Each of these"),
  status: QueryList.pipe(z.array(z.enum(PIPELINE_STATUSES))).optional(),
  owner: z.string().min(1).max(255).optional(),
  tenant: z.string().min(1).max(255).optional(),
  module: QueryList.optional().describe("With a node of each of these modules"),
  connection: QueryList.optional().describe("With a node that uses each of these connections"),
  page: z.coerce.number().int().min(1).max(10_000).optional().describe("As older servers page: from 1"),
  page_size: z.coerce.number().int().min(1).max(100).optional(),
});

/** Ours; with `page` or `page_size`, that of older servers beside it. */
export const PipelinePage = z
  .object({
    items: z.array(PipelineSummaryView),
    next_cursor: z.string().nullable(),
    /** The same pipelines, whole. */
    pipelines: z.array(PipelineView).optional(),
    /** Exact up to 10,000. */
    total: z.number().int().optional(),
    total_is_minimum: z.boolean().optional(),
    page: z.number().int().optional(),
    page_size: z.number().int().optional(),
  })
  .meta({ id: "PipelinePage" });

export const PipelineFindingView = z
  .object({
    type: z.enum(PIPELINE_FINDING_TYPES),
    message: z.string(),
    /** What to do about it. */
    fix: z.string(),
    node: z.string().nullable(),
    edge: z.string().nullable(),
    /** Path inside the node, such as config.delimiter. */
    field: z.string().nullable(),
  })
  .meta({ id: "PipelineFinding" });

export const PipelineValidationView = z
  .object({
    valid: z.boolean(),
    errors: z.array(PipelineFindingView),
    warnings: z.array(PipelineFindingView),
    plan_hash: z.string().nullable(),
  })
  .meta({ id: "PipelineValidation" });

export const PipelineValidateBody = z
  .strictObject({
    instances: z
      .array(InstanceIdSchema)
      .max(100)
      .optional()
      .describe("Whose connections count; default: those of the pipeline's environments"),
  })
  .meta({ id: "PipelineValidate" });

export const PipelineCompileQuery = z.strictObject({
  target: z.enum(["plan", "airflow", "embedded"]).default("plan"),
  revision: Revision.optional().describe("An older version; default: the newest"),
});

export const PipelineArtifactView = z
  .object({
    target: z.enum(["plan", "airflow", "embedded"]),
    pipeline: z.string(),
    revision: z.number().int(),
    dag_id: z.string(),
    /** File name. */
    name: z.string(),
    text: z.string(),
    /** Of everything that the artifact does; the same text on every machine. */
    hash: z.string(),
    plan_hash: z.string(),
    plan: JsonObject,
    /** What the engine does in another way than the pipeline says, and warnings. */
    report: z.array(PipelineFindingView),
  })
  .meta({ id: "PipelineArtifact" });

export const PipelineVersionSummary = z
  .object({
    revision: z.number().int(),
    name: z.string(),
    plan_hash: z.string().nullable(),
    author: z.string(),
    note: z.string().nullable(),
    created_at: InstantSchema,
  })
  .meta({ id: "PipelineVersionSummary" });

export const PipelineVersionView = PipelineVersionSummary.extend({ content: JsonObject }).meta({
  id: "PipelineVersion",
});

export const PipelineVersionsQuery = z.strictObject(PageQuery);

export const PipelineDiffQuery = z.strictObject({
  from: Revision.optional().describe("Default: the revision before `to`"),
  to: Revision.optional().describe("Default: the newest"),
});

const FieldChange = z.object({ field: z.string(), before: z.unknown(), after: z.unknown() });
const Drawn = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.object({ id: z.string(), fields: z.array(FieldChange) })),
});
export const PipelineDiffView = z
  .object({
    from: z.number().int(),
    to: z.number().int(),
    nodes: Drawn,
    edges: Drawn,
    fields: z.array(FieldChange),
    /** Whether engines will do anything else. */
    plan_changed: z.boolean(),
  })
  .meta({ id: "PipelineDiff" });

export const PipelineRestoreBody = z
  .strictObject({ revision: z.number().int().min(1), note: Note.optional() })
  .meta({ id: "PipelineRestore" });

export const PipelineDuplicateBody = z.strictObject({ name: fields.name.optional() }).meta({ id: "PipelineDuplicate" });

export const PipelineExportView = z
  .object({
    format: z.literal("airfleet-pipeline"),
    id: z.string(),
    ...z.object(fields).shape,
    config: JsonObject,
    schedule: z.string().nullable(),
    name: z.string(),
  })
  .meta({ id: "PipelineExport" });

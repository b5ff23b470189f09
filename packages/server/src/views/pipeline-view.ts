import type { PipelineView } from "@airfleet/contract";
import {
  type CompiledArtifact,
  type ComparedVersions,
  type PipelineDraft,
  type PipelinePatch,
  type PipelineValidation,
  toDagName,
} from "@airfleet/control";
import type { DrawnDifference, FieldChange, PipelineContent, PipelineFinding } from "@airfleet/model";
import type { PipelineSummary, StoredPipeline, StoredPipelineVersion } from "@airfleet/store";
import { toInstant, toInstantOrNull } from "./instants.ts";

const toContentView = (content: Omit<PipelineContent, "config">) => ({
  name: content.name,
  description: content.description,
  version: content.version,
  schedule: content.schedule,
  is_scheduled: content.isScheduled,
  time_zone: content.timeZone,
  status: content.status,
  tags: [...content.tags],
  default_params: { ...content.defaultParams },
  owner: content.owner,
  tenant: content.tenant,
  environments: Object.fromEntries(Object.entries(content.environments).map(([name, ids]) => [name, [...ids]])),
});

const toRow = (pipeline: Omit<StoredPipeline, "config">) => ({
  id: pipeline.id,
  ...toContentView(pipeline),
  revision: pipeline.revision,
  plan_hash: pipeline.planHash,
  first_scheduled_at: toInstantOrNull(pipeline.firstScheduledAt),
  dag_id: toDagName(pipeline.id),
  created_by: pipeline.createdBy,
  created_at: toInstant(pipeline.createdAt),
  updated_at: toInstant(pipeline.updatedAt),
});

export const toPipelineView = (pipeline: StoredPipeline): PipelineView => ({
  ...toRow(pipeline),
  config: { ...pipeline.config },
});

export const toPipelineSummaryView = ({ nodes, ...pipeline }: PipelineSummary) => ({
  ...toRow(pipeline),
  node_count: nodes,
});

export const toPipelineFile = (pipeline: StoredPipeline) => ({
  format: "airfleet-pipeline" as const,
  id: pipeline.id,
  ...toContentView(pipeline),
  config: { ...pipeline.config },
});

/** What a body says of a pipeline. */
interface GivenPipeline {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly version?: string | undefined;
  readonly config?: PipelineContent["config"] | undefined;
  readonly schedule?: string | null | undefined;
  readonly is_scheduled?: boolean | undefined;
  readonly time_zone?: string | undefined;
  readonly status?: PipelineContent["status"] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly default_params?: PipelineContent["defaultParams"] | undefined;
  readonly owner?: string | null | undefined;
  readonly tenant?: string | null | undefined;
  readonly environments?: PipelineContent["environments"] | undefined;
}

export const toPatch = (body: GivenPipeline): PipelinePatch => ({
  name: body.name,
  description: body.description,
  version: body.version,
  config: body.config,
  schedule: body.schedule,
  isScheduled: body.is_scheduled,
  timeZone: body.time_zone,
  status: body.status,
  tags: body.tags,
  defaultParams: body.default_params,
  owner: body.owner,
  tenant: body.tenant,
  environments: body.environments,
});

export const toDraft = (body: GivenPipeline & { readonly name: string }): PipelineDraft => ({
  ...toPatch(body),
  name: body.name,
});

const toFindingView = ({ type, message, fix, node, edge, field }: PipelineFinding) => ({
  type,
  message,
  fix,
  node,
  edge,
  field,
});

export const toValidationView = ({ valid, errors, warnings, planHash }: PipelineValidation) => ({
  valid,
  errors: errors.map(toFindingView),
  warnings: warnings.map(toFindingView),
  plan_hash: planHash,
});

export const toArtifactView = ({
  target,
  pipeline,
  revision,
  name,
  text,
  hash,
  planHash,
  plan,
  report,
}: CompiledArtifact) => ({
  target,
  pipeline,
  revision,
  dag_id: plan.dagId,
  name,
  text,
  hash,
  plan_hash: planHash,
  plan: { ...plan },
  report: report.map(toFindingView),
});

const toFieldView = ({ field, before, after }: FieldChange) => ({ field, before, after });

const toDrawnView = ({ added, removed, changed }: DrawnDifference) => ({
  added: [...added],
  removed: [...removed],
  changed: changed.map(({ id, fields }) => ({ id, fields: fields.map(toFieldView) })),
});

export const toDiffView = ({ nodes, edges, fields, planChanged }: ComparedVersions) => ({
  nodes: toDrawnView(nodes),
  edges: toDrawnView(edges),
  fields: fields.map(toFieldView),
  plan_changed: planChanged,
});

export const toVersionSummaryView = (version: Omit<StoredPipelineVersion, "content"> & { readonly name: string }) => ({
  revision: version.revision,
  name: version.name,
  plan_hash: version.planHash,
  author: version.author,
  note: version.note,
  created_at: toInstant(version.createdAt),
});

export const toVersionView = (version: StoredPipelineVersion) => ({
  ...toVersionSummaryView({ ...version, name: version.content.name }),
  content: { ...toContentView(version.content), config: version.content.config },
});

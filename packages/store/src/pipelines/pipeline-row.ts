import type { PipelineContent, PipelineStatus } from "@airfleet/model";
import type { Selectable } from "kysely";
import { objectFromJson, textsFromJson } from "../text/stored-json.ts";
import { foldText } from "../text/fold-text.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import type { PipelineSummary, StoredPipeline } from "./pipeline-repository.ts";
import type { PipelineTable } from "./pipeline-tables.ts";

/** What is searched of a pipeline's texts. */
const SEARCHED_CHARACTERS = 4_000;

/** Columns of a list: everything but what is drawn. */
export const SUMMARY_COLUMNS = [
  "id",
  "name",
  "description",
  "version",
  "nodes",
  "schedule",
  "is_scheduled",
  "time_zone",
  "status",
  "tags",
  "default_params",
  "owner",
  "tenant",
  "environments",
  "revision",
  "plan_hash",
  "first_scheduled_at",
  "created_by",
  "created_at",
  "updated_at",
  "removed_at",
] as const satisfies readonly (keyof PipelineTable)[];

type SummaryRow = Pick<Selectable<PipelineTable>, (typeof SUMMARY_COLUMNS)[number]>;

export const toSummary = (row: SummaryRow): PipelineSummary => ({
  id: row.id,
  name: row.name,
  description: row.description,
  version: row.version,
  nodes: row.nodes,
  schedule: row.schedule,
  isScheduled: row.is_scheduled === 1,
  timeZone: row.time_zone,
  status: row.status as PipelineStatus,
  tags: textsFromJson(row.tags),
  defaultParams: objectFromJson(row.default_params),
  owner: row.owner,
  tenant: row.tenant,
  environments: objectFromJson(row.environments) as PipelineContent["environments"],
  revision: row.revision,
  planHash: row.plan_hash,
  firstScheduledAt: row.first_scheduled_at,
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  removedAt: row.removed_at,
});

export const toPipeline = (row: Selectable<PipelineTable>): StoredPipeline => {
  const { nodes: _nodes, ...summary } = toSummary(row);
  return { ...summary, config: objectFromJson(row.config) };
};

const nodesIn = ({ nodes }: PipelineContent["config"]): number => (Array.isArray(nodes) ? nodes.length : 0);

/** The columns that a pipeline's content fills. */
export const toColumns = (content: PipelineContent) => ({
  name: toStorableText(content.name),
  description: toStorableOrNull(content.description),
  version: toStorableText(content.version),
  config: JSON.stringify(content.config),
  nodes: nodesIn(content.config),
  schedule: toStorableOrNull(content.schedule),
  is_scheduled: content.isScheduled ? 1 : 0,
  time_zone: toStorableText(content.timeZone),
  status: content.status,
  tags: JSON.stringify(content.tags),
  default_params: JSON.stringify(content.defaultParams),
  owner: toStorableOrNull(content.owner),
  tenant: toStorableOrNull(content.tenant),
  environments: JSON.stringify(content.environments),
  folded_text: foldText(
    [content.name, content.tags.join("\n"), content.description ?? ""].join("\n").slice(0, SEARCHED_CHARACTERS),
  ),
});

/** What of a stored pipeline a version keeps. */
export const toContent = (pipeline: PipelineContent): PipelineContent => ({
  name: pipeline.name,
  description: pipeline.description,
  version: pipeline.version,
  config: pipeline.config,
  schedule: pipeline.schedule,
  isScheduled: pipeline.isScheduled,
  timeZone: pipeline.timeZone,
  status: pipeline.status,
  tags: pipeline.tags,
  defaultParams: pipeline.defaultParams,
  owner: pipeline.owner,
  tenant: pipeline.tenant,
  environments: pipeline.environments,
});

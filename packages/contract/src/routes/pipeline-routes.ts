import { z } from "zod";
import { defineRoute } from "../route.ts";
import { page } from "../schemas/primitives.ts";
import {
  PipelineAddress,
  PipelineArtifactView,
  PipelineBody,
  PipelineCheckBody,
  PipelineCompileQuery,
  PipelineDiffQuery,
  PipelineDiffView,
  PipelineDuplicateBody,
  PipelineExportView,
  PipelineFileBody,
  PipelineImportQuery,
  PipelinePage,
  PipelinePatchBody,
  PipelineQuery,
  PipelineRestoreBody,
  PipelineValidateBody,
  PipelineValidationView,
  PipelineVersionAddress,
  PipelineVersionsQuery,
  PipelineVersionSummary,
  PipelineVersionView,
  PipelineView,
} from "../schemas/pipelines.ts";

const area = "Pipelines";
const PIPELINES = "/api/v1/pipelines";
const PIPELINE = `${PIPELINES}/{pipeline}`;
const params = { pipeline: "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11" };

const config = {
  nodes: [
    {
      id: "read",
      type: "extractor",
      position: { x: 0, y: 0 },
      data: { label: "Orders", moduleId: "csv-extractor", config: { path: "orders/{{ params.day }}.csv" } },
    },
    {
      id: "paid",
      type: "transformer",
      position: { x: 240, y: 0 },
      data: { moduleId: "filter", config: { condition: "status = 'paid'" } },
    },
    {
      id: "write",
      type: "loader",
      position: { x: 480, y: 0 },
      data: { moduleId: "parquet-loader", config: { file_path: "paid/{{ params.day }}.parquet" } },
    },
  ],
  edges: [
    { source: "read", target: "paid" },
    { source: "paid", target: "write" },
  ],
};
const body = {
  name: "Paid orders",
  config,
  schedule: "0 3 * * *",
  time_zone: "Europe/Paris",
  tags: ["orders"],
  default_params: { day: "2026-11-20" },
};

export const listPipelines = defineRoute({
  id: "listPipelines",
  method: "GET",
  path: PIPELINES,
  area,
  summary: "List pipelines, newest first",
  description:
    "What is drawn is left out of `items`. With `page` or `page_size` the answer also has what older servers answer: `pipelines`, whole, with `total`, `page` and `page_size`.",
  permission: "pipeline:read",
  query: PipelineQuery,
  response: PipelinePage,
  errors: ["CURSOR_INVALID"],
  example: { query: { search: "orders", status: "active,paused" } },
});

export const createPipeline = defineRoute({
  id: "createPipeline",
  method: "POST",
  path: PIPELINES,
  area,
  summary: "Create a pipeline",
  description:
    "A draft may be wrong or unfinished: validate says what is missing, and a pipeline with errors is neither executed nor deployed.",
  permission: "pipeline:write",
  audited: true,
  body: PipelineBody,
  response: PipelineView,
  status: 201,
  errors: [],
  example: { body },
});

export const importPipeline = defineRoute({
  id: "importPipeline",
  method: "POST",
  path: `${PIPELINES}/import`,
  area,
  summary: "Create a pipeline from a file that an editor or export made",
  description: "The file's id is kept where no pipeline has it; on_conflict says what happens where one does.",
  permission: "pipeline:write",
  audited: true,
  query: PipelineImportQuery,
  body: PipelineFileBody,
  response: PipelineView,
  status: 201,
  errors: ["PIPELINE_EXISTS"],
  example: { body: { name: "Paid orders", ...config } },
});

export const validatePipelineConfig = defineRoute({
  id: "validatePipelineConfig",
  method: "POST",
  path: `${PIPELINES}/validate-config`,
  area,
  summary: "Say everything that is wrong with nodes and edges that are not stored",
  permission: "pipeline:read",
  body: PipelineCheckBody,
  response: PipelineValidationView,
  errors: [],
  example: { body: { config, default_params: { day: "2026-11-20" } } },
});

export const getPipeline = defineRoute({
  id: "getPipeline",
  method: "GET",
  path: PIPELINE,
  area,
  summary: "Show a pipeline, with its revision as ETag",
  permission: "pipeline:read",
  params: PipelineAddress,
  response: PipelineView,
  errors: ["PIPELINE_UNKNOWN"],
  example: { params },
});

const changing = {
  area,
  path: PIPELINE,
  description:
    "What is left out stays as it is. With If-Match the change is made only to the revision that was read; without, to whatever is there. A change that changes nothing keeps the revision.",
  permission: "pipeline:write",
  audited: true,
  params: PipelineAddress,
  body: PipelinePatchBody,
  response: PipelineView,
  errors: ["PIPELINE_UNKNOWN", "VERSION_CONFLICT"],
  example: { params, body: { status: "active" as const, note: "goes live" } },
} as const;

export const putPipeline = defineRoute({
  ...changing,
  id: "putPipeline",
  method: "PUT",
  summary: "Change a pipeline, as clients of older servers do",
});

export const patchPipeline = defineRoute({
  ...changing,
  id: "patchPipeline",
  method: "PATCH",
  summary: "Change a pipeline",
});

export const deletePipeline = defineRoute({
  id: "deletePipeline",
  method: "DELETE",
  path: PIPELINE,
  area,
  summary: "Remove a pipeline",
  description: "It is out of sight at once. What of it is deployed is taken away; until then its versions stay.",
  permission: "pipeline:write",
  audited: true,
  params: PipelineAddress,
  response: z.undefined(),
  status: 204,
  errors: ["PIPELINE_UNKNOWN", "VERSION_CONFLICT"],
  example: { params },
});

export const duplicatePipeline = defineRoute({
  id: "duplicatePipeline",
  method: "POST",
  path: `${PIPELINE}/duplicate`,
  area,
  summary: "Copy a pipeline: a draft in no environment, whose schedule is off",
  permission: "pipeline:write",
  audited: true,
  params: PipelineAddress,
  body: PipelineDuplicateBody,
  response: PipelineView,
  status: 201,
  errors: ["PIPELINE_UNKNOWN"],
  example: { params, body: { name: "Paid orders, trial" } },
});

export const validatePipeline = defineRoute({
  id: "validatePipeline",
  method: "POST",
  path: `${PIPELINE}/validate`,
  area,
  summary: "Say everything that is wrong with a pipeline, and with the connections it needs where it is to run",
  permission: "pipeline:read",
  params: PipelineAddress,
  body: PipelineValidateBody,
  response: PipelineValidationView,
  errors: ["PIPELINE_UNKNOWN", "INSTANCE_UNKNOWN"],
  example: { params, body: {} },
});

export const compilePipeline = defineRoute({
  id: "compilePipeline",
  method: "GET",
  path: `${PIPELINE}/compile`,
  area,
  summary: "Show what a pipeline is to an engine: the file or plan, its hash, and what the engine does in another way",
  permission: "pipeline:read",
  params: PipelineAddress,
  query: PipelineCompileQuery,
  response: PipelineArtifactView,
  errors: ["PIPELINE_UNKNOWN", "PIPELINE_INVALID", "PIPELINE_VERSION_UNKNOWN"],
  example: { params, query: { target: "airflow" } },
});

export const listPipelineVersions = defineRoute({
  id: "listPipelineVersions",
  method: "GET",
  path: `${PIPELINE}/versions`,
  area,
  summary: "List every change of a pipeline, newest first",
  permission: "pipeline:read",
  params: PipelineAddress,
  query: PipelineVersionsQuery,
  response: page(PipelineVersionSummary),
  errors: ["PIPELINE_UNKNOWN", "CURSOR_INVALID"],
  example: { params },
});

export const getPipelineVersion = defineRoute({
  id: "getPipelineVersion",
  method: "GET",
  path: `${PIPELINE}/versions/{revision}`,
  area,
  summary: "Show what a pipeline was at one revision",
  permission: "pipeline:read",
  params: PipelineVersionAddress,
  response: PipelineVersionView,
  errors: ["PIPELINE_UNKNOWN", "PIPELINE_VERSION_UNKNOWN"],
  example: { params: { ...params, revision: 1 } },
});

export const diffPipeline = defineRoute({
  id: "diffPipeline",
  method: "GET",
  path: `${PIPELINE}/diff`,
  area,
  summary: "Compare two versions of a pipeline: nodes, edges and fields",
  permission: "pipeline:read",
  params: PipelineAddress,
  query: PipelineDiffQuery,
  response: PipelineDiffView,
  errors: ["PIPELINE_UNKNOWN", "PIPELINE_VERSION_UNKNOWN"],
  example: { params, query: { from: 1, to: 2 } },
});

export const restorePipeline = defineRoute({
  id: "restorePipeline",
  method: "POST",
  path: `${PIPELINE}/restore`,
  area,
  summary: "Make a new revision of an old one",
  permission: "pipeline:write",
  audited: true,
  params: PipelineAddress,
  body: PipelineRestoreBody,
  response: PipelineView,
  errors: ["PIPELINE_UNKNOWN", "PIPELINE_VERSION_UNKNOWN", "VERSION_CONFLICT"],
  example: { params, body: { revision: 1 } },
});

export const exportPipeline = defineRoute({
  id: "exportPipeline",
  method: "GET",
  path: `${PIPELINE}/export`,
  area,
  summary: "Show a pipeline as a file that can be imported elsewhere",
  permission: "pipeline:read",
  params: PipelineAddress,
  response: PipelineExportView,
  errors: ["PIPELINE_UNKNOWN"],
  example: { params },
});

import { ROUTES } from "@airfleet/contract";
import type { PipelineContent } from "@airfleet/model";
import { toETag } from "../http/version-tag.ts";
import {
  toArtifactView,
  toDiffView,
  toDraft,
  toPatch,
  toPipelineFile,
  toPipelineView,
  toValidationView,
  toVersionSummaryView,
  toVersionView,
} from "../views/pipeline-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { changePipeline, readRevision } from "./change-pipeline.ts";
import { listPipelines } from "./list-pipelines.ts";
import { checkEnvironments, configOf, requireEnvironments } from "./pipeline-body.ts";
import { findInstance } from "./open-request.ts";

type Config = PipelineContent["config"];

const addressOf = (id: string): string => `/api/v1/pipelines/${id}`;

/** Pipelines and their versions. */
export const pipelineRoutes = {
  listPipelines: bind(ROUTES.listPipelines, listPipelines),

  createPipeline: bind(ROUTES.createPipeline, async ({ actor, body, control, setHeader }) => {
    await requireEnvironments(control, actor, body.environments);
    checkEnvironments(control, body.environments);
    const pipeline = await control.pipelines.create(actor, toDraft(body), { note: body.note });
    setHeader("location", addressOf(pipeline.id));
    setHeader("etag", toETag(pipeline.revision));
    return toPipelineView(pipeline);
  }),

  importPipeline: bind(ROUTES.importPipeline, async ({ actor, body, control, query, setHeader }) => {
    const { on_conflict: onConflict } = query;
    const present = body.id === undefined ? undefined : await control.pipelines.find(body.id);
    await requireEnvironments(control, actor, body.environments, present?.environments);
    checkEnvironments(control, body.environments, present?.environments);
    const draft = toDraft({ ...body, config: configOf(body) as Config });
    const pipeline = await control.pipelines.import(actor, draft, { id: body.id, onConflict });
    setHeader("location", addressOf(pipeline.id));
    setHeader("etag", toETag(pipeline.revision));
    return toPipelineView(pipeline);
  }),

  validatePipelineConfig: bind(ROUTES.validatePipelineConfig, async ({ body, control }) => {
    const name = body.name ?? "unnamed";
    const draft = { ...toPatch({ ...body, config: undefined }), name, config: configOf(body) as Config };
    return toValidationView(await control.pipelines.validateDraft(draft));
  }),

  getPipeline: bind(ROUTES.getPipeline, async ({ control, params, setHeader }) => {
    const pipeline = await control.pipelines.get(params.pipeline);
    setHeader("etag", toETag(pipeline.revision));
    return toPipelineView(pipeline);
  }),

  putPipeline: bind(ROUTES.putPipeline, changePipeline),
  patchPipeline: bind(ROUTES.patchPipeline, changePipeline),

  deletePipeline: bind(ROUTES.deletePipeline, async ({ actor, control, header, params }) => {
    const pipeline = await control.pipelines.get(params.pipeline);
    await requireEnvironments(control, actor, pipeline.environments);
    await control.pipelines.remove(actor, pipeline.id, { revision: readRevision(header("if-match"), pipeline) });
    return undefined;
  }),

  duplicatePipeline: bind(ROUTES.duplicatePipeline, async ({ actor, body, control, params, setHeader }) => {
    const pipeline = await control.pipelines.duplicate(actor, params.pipeline, body.name);
    setHeader("location", addressOf(pipeline.id));
    setHeader("etag", toETag(pipeline.revision));
    return toPipelineView(pipeline);
  }),

  validatePipeline: bind(ROUTES.validatePipeline, async ({ actor, body, control, params }) => {
    const asked = body.instances ?? [];
    for (const id of asked) await findInstance(control, actor, id, "pipeline:read");
    return toValidationView(await control.pipelines.validate(params.pipeline, body.instances));
  }),

  compilePipeline: bind(ROUTES.compilePipeline, async ({ control, params, query }) =>
    toArtifactView(await control.pipelines.compile(params.pipeline, query.target, query.revision)),
  ),

  listPipelineVersions: bind(ROUTES.listPipelineVersions, async ({ control, params, query }) => {
    const { limit, cursor } = query;
    const { items, next } = await control.pipelines.versions(params.pipeline, { limit, ...given({ after: cursor }) });
    return { items: items.map(toVersionSummaryView), next_cursor: next };
  }),

  getPipelineVersion: bind(ROUTES.getPipelineVersion, async ({ control, params }) =>
    toVersionView(await control.pipelines.version(params.pipeline, params.revision)),
  ),

  diffPipeline: bind(ROUTES.diffPipeline, async ({ control, params, query }) => {
    const { revision } = await control.pipelines.get(params.pipeline);
    const to = query.to ?? revision;
    const from = query.from ?? Math.max(1, to - 1);
    return { from, to, ...toDiffView(await control.pipelines.diff(params.pipeline, from, to)) };
  }),

  restorePipeline: bind(ROUTES.restorePipeline, async ({ actor, body, control, header, params, setHeader }) => {
    const present = await control.pipelines.get(params.pipeline);
    const { content } = await control.pipelines.version(present.id, body.revision);
    await requireEnvironments(control, actor, present.environments, content.environments);
    const options = { revision: readRevision(header("if-match"), present), note: body.note };
    const pipeline = await control.pipelines.restore(actor, present.id, body.revision, options);
    setHeader("etag", toETag(pipeline.revision));
    return toPipelineView(pipeline);
  }),

  exportPipeline: bind(ROUTES.exportPipeline, async ({ control, params, setHeader }) => {
    const pipeline = await control.pipelines.get(params.pipeline);
    setHeader("content-disposition", `attachment; filename="pipeline-${pipeline.id}.json"`);
    return toPipelineFile(pipeline);
  }),
};

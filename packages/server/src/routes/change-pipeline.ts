import type { ROUTES } from "@airfleet/contract";
import type { PipelineView } from "@airfleet/contract";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import { toPatch, toPipelineView } from "../views/pipeline-view.ts";
import type { RouteContext } from "./bound-route.ts";
import { checkEnvironments, requireEnvironments } from "./pipeline-body.ts";

/** The revision that the caller has read; undefined when they do not say, as clients of older servers. */
export const readRevision = (
  tag: string | undefined,
  { name, revision }: { readonly name: string; readonly revision: number },
): number | undefined => (tag === undefined ? undefined : readIfMatch(tag, `Pipeline "${name}"`, revision));

/** PUT and PATCH alike: what is left out stays. */
export const changePipeline = async ({
  actor,
  body,
  control,
  header,
  params,
  setHeader,
}: RouteContext<typeof ROUTES.patchPipeline>): Promise<PipelineView> => {
  const present = await control.pipelines.get(params.pipeline);
  await requireEnvironments(control, actor, present.environments, body.environments);
  checkEnvironments(control, body.environments, present.environments);
  const options = { revision: readRevision(header("if-match"), present), note: body.note };
  const pipeline = await control.pipelines.update(actor, present.id, toPatch(body), options);
  setHeader("etag", toETag(pipeline.revision));
  return toPipelineView(pipeline);
};

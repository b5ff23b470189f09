import type { RouteOutput, ROUTES } from "@airfleet/contract";
import { toPipelineSummaryView, toPipelineView } from "../views/pipeline-view.ts";
import type { RouteContext } from "./bound-route.ts";
import { given } from "./given.ts";

/** A total is exact up to here. */
const COUNTED = 10_000;
const USUAL_PAGE = 20;

/** Newest first; with what older servers answer where it is paged as there. */
export const listPipelines = async ({
  control,
  query,
}: RouteContext<typeof ROUTES.listPipelines>): Promise<RouteOutput<typeof ROUTES.listPipelines>> => {
  const { search, tag, status, owner, tenant, module, connection, limit, cursor } = query;
  const filter = given({
    text: search,
    tags: tag,
    statuses: status,
    owner,
    tenant,
    modules: module,
    connections: connection,
  });
  if (query.page === undefined && query.page_size === undefined) {
    const { items, next } = await control.pipelines.list({ ...filter, limit, ...given({ after: cursor }) });
    return { items: items.map(toPipelineSummaryView), next_cursor: next };
  }
  const { page = 1, page_size: size = USUAL_PAGE } = query;
  const { items, next } = await control.pipelines.list({ ...filter, limit: size, offset: (page - 1) * size });
  const total = await control.pipelines.count(filter, COUNTED);
  const whole = await Promise.all(items.map(({ id }) => control.pipelines.find(id)));
  return {
    items: items.map(toPipelineSummaryView),
    next_cursor: next,
    pipelines: whole.filter((pipeline) => pipeline !== undefined).map(toPipelineView),
    total,
    total_is_minimum: total === COUNTED,
    page,
    page_size: size,
  };
};

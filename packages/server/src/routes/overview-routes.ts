import { ROUTES } from "@airfleet/contract";
import { parseSelector } from "@airfleet/model";
import { toFreshnessView } from "../views/dag-view.ts";
import { toMatrixRow, toOverviewView } from "../views/overview-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { listedInstances } from "./scope.ts";

/** The fleet at a glance. */
export const overviewRoutes = {
  getOverview: bind(ROUTES.getOverview, async ({ actor, control }) => {
    const instances = await listedInstances(control, actor, undefined, "run:read");
    return toOverviewView(await control.overview.overview(instances));
  }),

  getMatrix: bind(ROUTES.getMatrix, async ({ actor, control, query }) => {
    const instances = await listedInstances(control, actor, undefined, "dag:read");
    const page = await control.overview.matrix({
      limit: query.limit,
      ...given({
        instances,
        after: query.cursor,
        selector: query.selector === undefined ? undefined : parseSelector(query.selector, "dags"),
      }),
    });
    return {
      items: page.items.map(toMatrixRow),
      next_cursor: page.next,
      instances: page.instances.map(toFreshnessView),
    };
  }),
};

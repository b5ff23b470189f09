import { ROUTES } from "@airfleet/contract";
import { parseSelector } from "@airfleet/model";
import { bind } from "./bind.ts";
import { bindAction } from "./bind-action.ts";
import { addressed } from "./addressed.ts";
import { given } from "./given.ts";
import { listedInstances } from "./scope.ts";
import {
  toDagCell,
  toDagDetailView,
  toDagRow,
  toFreshnessView,
  toGraphView,
  toVersionView,
} from "../views/dag-view.ts";

/** DAGs over the fleet, from the store; one DAG of one instance, live. */
export const dagRoutes = {
  listDags: bind(ROUTES.listDags, async ({ query, actor, control }) => {
    const instances = await listedInstances(control, actor, query.instance, "dag:read");
    const page = await control.fleet.listDags({
      limit: query.limit,
      ...given({
        instances,
        tags: query.tag,
        paused: query.paused,
        states: query.state,
        text: query.text,
        hasImportErrors: query.has_import_errors,
        after: query.cursor,
        selector: query.selector === undefined ? undefined : parseSelector(query.selector, "dags"),
      }),
    });
    return {
      items: page.items.map(toDagRow),
      next_cursor: page.next,
      instances: page.instances.map(toFreshnessView),
    };
  }),

  getFleetDag: bind(ROUTES.getFleetDag, async ({ params, actor, control }) => {
    const instances = await listedInstances(control, actor, undefined, "dag:read");
    const dag = await control.fleet.getDag(params.dag_id, instances);
    return {
      dag_id: dag.dagId,
      tags: [...dag.tags],
      cells: dag.cells.map(toDagCell),
      instances: dag.instances.map(toFreshnessView),
    };
  }),

  getDag: bind(ROUTES.getDag, async (context) => {
    const { control, params, signal } = context;
    const dag = await control.live.dag(params.instance, params.dag_id, { signal });
    return toDagDetailView(addressed(context), dag, Date.now());
  }),

  patchDag: bindAction(ROUTES.patchDag, ({ params, body }) => ({
    verb: "dag:pause",
    instance: params.instance,
    dagId: params.dag_id,
    paused: body.is_paused,
    ...given({ confirm: body.confirm }),
  })),

  getDagSource: bind(ROUTES.getDagSource, async ({ control, params, signal }) => ({
    dag_id: params.dag_id,
    instance: params.instance,
    source: await control.live.source(params.instance, params.dag_id, { signal }),
  })),

  getDagGraph: bind(ROUTES.getDagGraph, async (context) => {
    const { control, params, signal } = context;
    const nodes = await control.live.graph(params.instance, params.dag_id, { signal });
    return toGraphView(addressed(context), params.dag_id, nodes);
  }),

  listDagVersions: bind(ROUTES.listDagVersions, async ({ control, params, signal }) => {
    const versions = await control.live.versions(params.instance, params.dag_id, { signal });
    return { items: versions.map(toVersionView), next_cursor: null };
  }),
};

import { ROUTES } from "@airfleet/contract";
import { CONFIG_KINDS, toDagId, toRunId } from "@airfleet/model";
import { canSee } from "../access/authorize.ts";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import { toImportErrorView } from "../views/dag-view.ts";
import { toConfigEntryView, toEngineEventView } from "../views/house-view.ts";
import { toInstanceView, toProbeView } from "../views/instance-view.ts";
import { addressed } from "./addressed.ts";
import { bind } from "./bind.ts";
import { bindAction } from "./bind-action.ts";
import { toConfigWrite } from "./config-write.ts";
import { given } from "./given.ts";
import { requireCover } from "./scope.ts";

/** The version to change; instances from files refuse every change, whatever version is named. */
const versionToChange = (context: {
  readonly instance: Parameters<typeof addressed>[0]["instance"];
  readonly header: (name: string) => string | undefined;
}): number => {
  const { id, source, version } = addressed(context);
  return source === "stored" ? readIfMatch(context.header("if-match"), `instance ${id}`, version) : version;
};

/** The instances of the fleet. */
export const instanceRoutes = {
  listInstances: bind(ROUTES.listInstances, ({ actor, control }) => ({
    items: control.instances
      .list()
      .filter((instance) => canSee(actor, instance.id))
      .map(toInstanceView),
    next_cursor: null,
  })),

  getInstance: bind(ROUTES.getInstance, (context) => {
    const instance = addressed(context);
    context.setHeader("etag", toETag(instance.version));
    return toInstanceView(instance);
  }),

  createInstance: bind(ROUTES.createInstance, async ({ actor, body, control, setHeader }) => {
    await requireCover(control, actor, [body.id], "instance:write");
    const instance = await control.instances.create(actor, body);
    setHeader("location", `/api/v1/instances/${instance.id}`);
    setHeader("etag", toETag(instance.version));
    return toInstanceView(instance);
  }),

  patchInstance: bind(ROUTES.patchInstance, async (context) => {
    const { actor, body, control, params, setHeader } = context;
    const instance = await control.instances.update(actor, params.instance, given(body), versionToChange(context));
    setHeader("etag", toETag(instance.version));
    return toInstanceView(instance);
  }),

  deleteInstance: bind(ROUTES.deleteInstance, async (context) => {
    await context.control.instances.remove(context.actor, context.params.instance, versionToChange(context));
    return undefined;
  }),

  probeInstance: bind(ROUTES.probeInstance, async ({ control, params, signal }) => {
    const { instance, probe } = await control.instances.probe(params.instance, { signal });
    return toProbeView(instance, probe);
  }),

  listInstanceConfig: bind(ROUTES.listInstanceConfig, async ({ control, params, query, signal }) => {
    const kinds = query.kind === undefined ? CONFIG_KINDS : [query.kind];
    const entries = await control.live.config(params.instance, kinds, { signal });
    return { items: entries.map(toConfigEntryView), next_cursor: null };
  }),

  putInstanceConfig: bindAction(ROUTES.putInstanceConfig, ({ params, body }) => ({
    verb: "config:write",
    instance: params.instance,
    entry: toConfigWrite(params, body),
    ...given({ confirm: body.confirm }),
  })),

  listImportErrors: bind(ROUTES.listImportErrors, async ({ control, params, signal }) => {
    const errors = await control.live.importErrors(params.instance, { signal });
    return { items: errors.map((error) => toImportErrorView(params.instance, error)), next_cursor: null };
  }),

  listEngineEvents: bind(ROUTES.listEngineEvents, async ({ control, params, query, signal }) => {
    const events = await control.live.engineEvents(
      params.instance,
      {
        limit: query.limit,
        ...given({
          dagId: query.dag_id === undefined ? undefined : toDagId(query.dag_id),
          runId: query.dag_run_id === undefined ? undefined : toRunId(query.dag_run_id),
          since: query.since,
        }),
      },
      { signal },
    );
    return { items: events.map(toEngineEventView), next_cursor: null };
  }),
};

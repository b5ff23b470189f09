import { ROUTES } from "@airfleet/contract";
import type { Actor, Control, Deployment } from "@airfleet/control";
import { AirfleetError, type DeploymentState, type InstanceId } from "@airfleet/model";
import { canSee } from "../access/authorize.ts";
import { readPreference } from "../http/prefer.ts";
import { toDeploymentView, toDeployItemView, toPromotionView } from "../views/deployment-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { findInstance } from "./open-request.ts";
import { listedInstances } from "./scope.ts";

/** What a handler needs to answer once something has been recorded. */
interface Answering {
  readonly control: Control;
  readonly signal: AbortSignal;
  readonly header: (name: string) => string | undefined;
  readonly setHeader: (name: string, value: string) => void;
  readonly setStatus: (status: number) => void;
}

/** Waits as long as the caller wants; 202 while one of them may still come further. */
const settle = async (
  { control, signal, header, setHeader, setStatus }: Answering,
  recorded: readonly Deployment[],
  until: DeploymentState,
): Promise<readonly Deployment[]> => {
  const { waitMs, follows } = readPreference(header("prefer"));
  const ids = recorded.map(({ id }) => id);
  const [only] = ids;
  setHeader(
    "location",
    only !== undefined && ids.length === 1
      ? `/api/v1/deployments/${only}`
      : `/api/v1/deployments?pipeline_id=${encodeURIComponent(recorded[0]?.pipelineId ?? "")}`,
  );
  const settled = await control.deployments.settle(ids, { until, withinMs: follows ? waitMs : 0, signal });
  setStatus(settled.every((deployment) => hasEnded(deployment, until)) ? 200 : 202);
  return settled;
};

const WAY: readonly DeploymentState[] = ["pending", "written", "parsed", "live", "triggerable"];

const hasEnded = ({ state }: Deployment, until: DeploymentState): boolean => {
  const place = WAY.indexOf(state);
  return place === -1 ? state !== "removing" : until !== "removed" && place >= WAY.indexOf(until);
};

/** A deployment on an instance that the caller may know of. @throws {AirfleetError} DEPLOYMENT_UNKNOWN */
const findDeployment = async (control: Control, actor: Actor, id: string): Promise<Deployment> => {
  const found = await control.deployments.get(id);
  if (!canSee(actor, found.instance)) throw new AirfleetError("DEPLOYMENT_UNKNOWN", { deployment: id });
  return found;
};

const requireAll = async (
  control: Control,
  actor: Actor,
  instances: readonly InstanceId[],
  permission: string,
): Promise<void> => {
  for (const id of instances) await findInstance(control, actor, id, permission);
};

/** Bringing pipelines to instances. */
export const deploymentRoutes = {
  deployPipeline: bind(ROUTES.deployPipeline, async (context) => {
    const { actor, body, control, params } = context;
    const { permission } = ROUTES.deployPipeline;
    const { environment, instances } = body;
    const { environments } = await control.pipelines.get(params.pipeline);
    const meant = instances ?? (environment === undefined ? [] : (environments[environment] ?? []));
    await requireAll(control, actor, meant, permission);
    const items = await control.deployments.deploy(actor, {
      pipeline: params.pipeline,
      dryRun: body.dry_run,
      ...given({ instances, environment, confirm: body.confirm }),
    });
    const recorded = items.flatMap(({ deployment }) => deployment ?? []);
    const settled = recorded.length === 0 ? [] : await settle(context, recorded, body.wait_for);
    const shown = items.map((item, index) => toDeployItemView({ ...item, deployment: settled[index] ?? null }));
    return { dry_run: body.dry_run, items: shown };
  }),

  listDeployments: bind(ROUTES.listDeployments, async ({ actor, control, query }) => {
    const { limit, cursor, pipeline_id: pipelineId, state: states, dag_id: dagId, current: isCurrent } = query;
    const instances = await listedInstances(control, actor, query.instance, ROUTES.listDeployments.permission);
    const filter = given({ instances, pipelineId, states, dagId, isCurrent, after: cursor });
    const { items, next } = await control.deployments.list({ limit, ...filter });
    return { items: items.map(toDeploymentView), next_cursor: next };
  }),

  getDeployment: bind(ROUTES.getDeployment, async ({ actor, control, params }) =>
    toDeploymentView(await findDeployment(control, actor, params.deployment)),
  ),

  rollbackDeployment: bind(ROUTES.rollbackDeployment, async (context) => {
    const { actor, body, control, params } = context;
    await findDeployment(control, actor, params.deployment);
    const recorded = await control.deployments.rollback(actor, params.deployment, body.confirm);
    const [settled] = await settle(context, [recorded], body.wait_for);
    return toDeploymentView(settled ?? recorded);
  }),

  removeDeployment: bind(ROUTES.removeDeployment, async (context) => {
    const { actor, control, params, query } = context;
    const { pipeline, instance } = params;
    const recorded = await control.deployments.remove(actor, {
      pipeline,
      instance,
      ...given({ confirm: query.confirm }),
    });
    const runs = await control.deployments.runsInFlight(recorded);
    const [settled] = await settle(context, [recorded], "removed");
    return { ...toDeploymentView(settled ?? recorded), runs_in_flight: [...runs] };
  }),

  promotePipeline: bind(ROUTES.promotePipeline, async (context) => {
    const { actor, body, control, params } = context;
    const { from, to, dry_run: dryRun, allow_missing: allowMissing, confirm } = body;
    await requireAll(control, actor, [from, to], ROUTES.promotePipeline.permission);
    const request = { pipeline: params.pipeline, from, to, dryRun, allowMissing, ...given({ confirm }) };
    const promotion = await control.deployments.promote(actor, request);
    if (promotion.deployment === null) return toPromotionView(promotion, dryRun);
    const [settled] = await settle(context, [promotion.deployment], body.wait_for);
    return toPromotionView({ ...promotion, deployment: settled ?? promotion.deployment }, dryRun);
  }),
};

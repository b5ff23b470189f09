import type { DeployItem, Deployment, Promotion } from "@airfleet/control";
import { toInstant, toInstantOrNull } from "./instants.ts";

export const toDeploymentView = (deployment: Deployment) => ({
  id: deployment.id,
  pipeline_id: deployment.pipelineId,
  revision: deployment.revision,
  plan_hash: deployment.planHash,
  artifact_hash: deployment.artifactHash,
  instance: deployment.instance,
  dag_id: deployment.dagId,
  state: deployment.state,
  origin: deployment.origin,
  requested_by: deployment.requestedBy,
  created_at: toInstant(deployment.createdAt),
  state_times: Object.fromEntries(
    Object.entries(deployment.stateTimes).map(([state, at]) => [state, toInstant(at)]),
  ) as Partial<Record<Deployment["state"], string>>,
  error: deployment.error,
  target: deployment.target,
  target_revision: deployment.targetRevision,
  first: deployment.isNew,
  tasks_changed: deployment.tasksChanged,
  scan: deployment.scan,
  expected_at: toInstantOrNull(deployment.expectedAt),
});

export const toDeployItemView = (item: DeployItem) => ({
  instance: item.instance,
  dag_id: item.dagId,
  revision: item.revision,
  artifact_hash: item.artifactHash,
  present_hash: item.presentHash,
  target: item.target,
  deployment: item.deployment === null ? null : toDeploymentView(item.deployment),
});

type Difference = NonNullable<Promotion["difference"]>;

const toChanges = ({ added, removed, changed }: Difference["nodes"]) => ({
  added: [...added],
  removed: [...removed],
  changed: changed.map(({ id }) => id),
});

export const toPromotionView = (promotion: Promotion, dryRun: boolean) => ({
  dry_run: dryRun,
  from: promotion.from,
  to: promotion.to,
  revision: promotion.revision,
  difference:
    promotion.difference === null
      ? null
      : {
          nodes: toChanges(promotion.difference.nodes),
          edges: toChanges(promotion.difference.edges),
          fields: promotion.difference.fields.map(({ field }) => field),
        },
  missing: [...promotion.missing],
  unread: [...promotion.unread],
  deployment: promotion.deployment === null ? null : toDeploymentView(promotion.deployment),
});

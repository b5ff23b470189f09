import { defineRoute } from "../route.ts";
import {
  DeployBody,
  DeploymentAddress,
  DeploymentQuery,
  DeploymentView,
  DeployView,
  PipelinePlaceAddress,
  PromoteBody,
  PromotionView,
  RemovalQuery,
  RollbackBody,
} from "../schemas/deployments.ts";
import { PipelineAddress } from "../schemas/pipelines.ts";
import { page } from "../schemas/primitives.ts";

const area = "Deployments";
const params = { pipeline: "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11" };
const PLACE_ERRORS = ["DEPLOY_TARGET_MISSING", "INSTANCE_DISABLED", "INSTANCE_UNKNOWN"] as const;

export const deployPipeline = defineRoute({
  id: "deployPipeline",
  method: "POST",
  path: "/api/v1/pipelines/{pipeline}/deploy",
  area,
  summary: "Bring a pipeline to instances",
  description:
    "The pipeline is compiled as it is now, and kept so; the answer is 202 as soon as it is recorded that it shall be there. `Prefer: wait=N` waits until every deployment has come to `wait_for`, or cannot come further. Live means that the engine serves this very version.",
  permission: "deployment:write",
  audited: true,
  confirm: "production",
  params: PipelineAddress,
  body: DeployBody,
  response: DeployView,
  deferrable: true,
  errors: [...PLACE_ERRORS, "CONFIRMATION_NEEDED", "PIPELINE_INVALID", "PIPELINE_UNKNOWN"],
  example: { params, body: { environment: "dev", dry_run: true } },
});

export const listDeployments = defineRoute({
  id: "listDeployments",
  method: "GET",
  path: "/api/v1/deployments",
  area,
  summary: "List deployments, newest first",
  permission: "pipeline:read",
  query: DeploymentQuery,
  response: page(DeploymentView),
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN"],
});

export const getDeployment = defineRoute({
  id: "getDeployment",
  method: "GET",
  path: "/api/v1/deployments/{deployment}",
  area,
  summary: "Show a deployment with the time of each state",
  permission: "pipeline:read",
  params: DeploymentAddress,
  response: DeploymentView,
  errors: ["DEPLOYMENT_UNKNOWN"],
});

export const rollbackDeployment = defineRoute({
  id: "rollbackDeployment",
  method: "POST",
  path: "/api/v1/deployments/{deployment}/rollback",
  area,
  summary: "Bring back what the instance served before this deployment's pipeline was last changed there",
  permission: "deployment:write",
  audited: true,
  confirm: "production",
  params: DeploymentAddress,
  body: RollbackBody,
  response: DeploymentView,
  deferrable: true,
  errors: [...PLACE_ERRORS, "CONFIRMATION_NEEDED", "DEPLOYMENT_FIRST", "DEPLOYMENT_UNKNOWN"],
});

export const removeDeployment = defineRoute({
  id: "removeDeployment",
  method: "DELETE",
  path: "/api/v1/pipelines/{pipeline}/deployments/{instance}",
  area,
  summary: "Take a pipeline away from an instance: pause its DAG and remove its file",
  description: "Runs in flight go on with what they have loaded; the answer names them.",
  permission: "deployment:write",
  audited: true,
  confirm: "production",
  params: PipelinePlaceAddress,
  query: RemovalQuery,
  response: DeploymentView,
  deferrable: true,
  errors: ["CONFIRMATION_NEEDED", "DEPLOYMENT_ABSENT", "INSTANCE_UNKNOWN"],
});

export const promotePipeline = defineRoute({
  id: "promotePipeline",
  method: "POST",
  path: "/api/v1/pipelines/{pipeline}/promote",
  area,
  summary: "Bring to one instance the revision that another has",
  description:
    "A dry run tells what changes there, and which connections and pools the pipeline names that the target lacks.",
  permission: "deployment:write",
  audited: true,
  confirm: "production",
  params: PipelineAddress,
  body: PromoteBody,
  response: PromotionView,
  deferrable: true,
  errors: [
    ...PLACE_ERRORS,
    "CONFIRMATION_NEEDED",
    "DEPLOYMENT_ABSENT",
    "PIPELINE_INVALID",
    "PIPELINE_UNKNOWN",
    "PIPELINE_VERSION_UNKNOWN",
    "PROMOTION_BLOCKED",
  ],
  example: { params, body: { from: "dev-1", to: "prod-1", dry_run: true } },
});

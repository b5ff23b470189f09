export { createDeployTarget } from "./create-deploy-target.ts";
export type { DeployChange, DeployedFile, DeployOutcome, DeployTarget } from "./deploy-target.ts";

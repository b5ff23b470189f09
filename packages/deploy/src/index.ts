export type { DeployChange, DeployedFile, DeployOutcome, DeployTarget } from "./deploy-target.ts";

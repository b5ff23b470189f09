export { createDeployTarget } from "./create-deploy-target.ts";
export type { DeployChange, DeployedFile, DeployOutcome, DeployTarget } from "./deploy-target.ts";
export { RUNTIME_BUNDLE, type RuntimeBundle } from "./runtime/runtime-bundle.ts";
export { sentinelDagId, toRuntimeFiles, toSupportFiles } from "./runtime/support-files.ts";

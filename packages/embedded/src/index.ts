export { createEmbeddedEngine, type EmbeddedEngineOptions } from "./engine/create-embedded-engine.ts";
export type { Logger } from "./engine/logger.ts";
export type { EngineLimits } from "./engine/work/limits.ts";
export { createStepRunner, type StepRunnerOptions } from "./steps/create-step-runner.ts";
export type { PythonSettings } from "./steps/processes/commands.ts";
export type { FindConnection, StepJob, StepLimits, StepOptions, StepRunner } from "./steps/step-runner.ts";

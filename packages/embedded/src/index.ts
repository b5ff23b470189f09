export { createStepRunner, type StepRunnerOptions } from "./steps/create-step-runner.ts";
export type { PythonSettings } from "./steps/processes/commands.ts";
export type { FindConnection, StepJob, StepLimits, StepOptions, StepRunner } from "./steps/step-runner.ts";

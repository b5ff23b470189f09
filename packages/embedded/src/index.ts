export type { FindConnection, StepJob, StepLimits, StepOptions, StepRunner } from "./steps/step-runner.ts";

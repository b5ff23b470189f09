export { type CheckOptions, type CheckedPipeline, checkPipeline } from "./checks/check-pipeline.ts";
export {
  checkConnectionPlaces,
  checkConnections,
  type KnownConnection,
  type KnownConnections,
  type UsedConnection,
} from "./checks/check-connections.ts";
export { createModuleCatalogue, type ModuleCatalogue } from "./modules/catalogue.ts";
export { type OwnModuleFiles, OwnModuleRefused, readOwnModule } from "./modules/own/own-module.ts";
export { describeModule, type ModuleDescription } from "./modules/describe-module.ts";
export {
  type ConnectionUse,
  defineModule,
  type InputPort,
  type ModuleDefinition,
  type NamedInputs,
} from "./modules/module-definition.ts";
export {
  type CompiledPlan,
  compilePlan,
  DUCKDB_VERSION,
  type PipelineSource,
  planHash,
  toDagName,
} from "./plan/compile-plan.ts";
export { reportFor } from "./plan/report-for.ts";
export { toStepId } from "./plan/step-id.ts";
export { type AirflowTarget, type Artifact, toAirflowFile } from "./airflow/airflow-file.ts";
export { toPythonLiteral } from "./python/literal.ts";

import { AirfleetError, type ExecutionPlace, type InstanceId } from "@airfleet/model";
import type { ExecutableDeployments, ExecutablePipeline } from "./execution-ports.ts";

type Places = ReturnType<ExecutableDeployments["places"]>;

const inEnvironment = ({ name, environments }: ExecutablePipeline, environment: string): InstanceId => {
  const instances = environments[environment];
  if (instances === undefined || !Object.hasOwn(environments, environment)) {
    throw new AirfleetError("EXECUTION_ENVIRONMENT_UNKNOWN", {
      pipeline: name,
      environment,
      environments: Object.keys(environments),
    });
  }
  const [only] = instances;
  if (only !== undefined && instances.length === 1) return only;
  throw new AirfleetError("EXECUTION_ENVIRONMENT_WIDE", { pipeline: name, environment, instances });
};

/**
 * Where an execution runs: where the request says; else the one instance that the pipeline's environments name; else
 * the only instance that takes pipelines; else the embedded engine.
 *
 * @param places Instances that take pipelines and that the caller may know of.
 * @throws {AirfleetError} INSTANCE_UNKNOWN, EXECUTION_ENVIRONMENT_UNKNOWN, EXECUTION_ENVIRONMENT_WIDE,
 *   EXECUTION_INSTANCE_OPEN, EXECUTION_INSTANCE_NONE
 */
export const choosePlace = (
  pipeline: ExecutablePipeline,
  { instance, environment }: ExecutionPlace,
  places: Places,
): InstanceId => {
  const known = places.map(({ id }) => id);
  const allowed = (id: InstanceId): InstanceId => {
    if (known.includes(id)) return id;
    throw new AirfleetError("INSTANCE_UNKNOWN", { instance: id, known });
  };
  if (instance !== undefined) return allowed(instance);
  if (environment !== undefined) return allowed(inEnvironment(pipeline, environment));
  const named = [...new Set(Object.values(pipeline.environments).flat())];
  const [only] = named;
  if (only !== undefined && named.length === 1) return allowed(only);
  const [outside, ...more] = places.filter(({ isEmbedded }) => !isEmbedded);
  if (named.length === 0) {
    if (outside !== undefined && more.length === 0) return outside.id;
    const embedded = places.find(({ isEmbedded }) => isEmbedded);
    if (embedded !== undefined) return embedded.id;
    if (outside === undefined) throw new AirfleetError("EXECUTION_INSTANCE_NONE", { pipeline: pipeline.name });
  }
  throw new AirfleetError("EXECUTION_INSTANCE_OPEN", {
    pipeline: pipeline.name,
    instances: known,
    environments: Object.keys(pipeline.environments),
  });
};

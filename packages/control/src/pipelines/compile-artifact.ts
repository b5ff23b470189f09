import { reportFor, toAirflowFile } from "@airfleet/compiler";
import type { CompiledArtifact, CompileTarget, ReadyPipeline } from "./pipeline.ts";

/** Name of the package beside Airflow's files that carries out the steps, as it is deployed now. */
export type AirflowRuntime = () => string | Promise<string>;

/** What a pipeline is to an engine, with everything that the engine does in another way. */
export const toArtifact = async (
  { pipeline, plan, planHash, warnings }: ReadyPipeline,
  target: CompileTarget,
  runtime: AirflowRuntime,
): Promise<CompiledArtifact> => {
  const facts = { target, pipeline: pipeline.id, revision: pipeline.revision, planHash, plan };
  if (target === "airflow") {
    const file = toAirflowFile(plan, { runtime: await runtime() });
    return { ...facts, ...file, report: [...warnings, ...reportFor(plan, "airflow")] };
  }
  const text = `${JSON.stringify(plan, null, 2)}\n`;
  const report = target === "embedded" ? [...warnings, ...reportFor(plan, "embedded")] : warnings;
  return { ...facts, name: `${plan.dagId}.json`, text, hash: planHash, report };
};

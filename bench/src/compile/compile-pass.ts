import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { compilePlan, createModuleCatalogue, type PipelineSource, toAirflowFile } from "@airfleet/compiler";

/** What one pass over all pipelines cost. */
export interface Pass {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly writes: number;
}

const catalogue = createModuleCatalogue();

/** Of everything that a file is made of: how the server too knows that it has compiled the same before. */
const hashOf = (pipeline: PipelineSource): string =>
  createHash("sha256").update(JSON.stringify(pipeline)).digest("hex");

/**
 * Checks and compiles every pipeline that is another than before, and writes its file.
 *
 * @param known by the pipeline's id, the hash of what it was compiled of
 */
export const compilePass = (pipelines: readonly PipelineSource[], folder: string, known: Map<string, string>): Pass => {
  const began = performance.now();
  const cpu = process.cpuUsage();
  let writes = 0;
  for (const pipeline of pipelines) {
    const source = hashOf(pipeline);
    if (known.get(pipeline.id) === source) continue;
    const { plan, findings } = compilePlan(pipeline, { catalogue });
    if (plan === null) throw new Error(`the sample is not valid: ${findings[0]?.message}`);
    const { name, text } = toAirflowFile(plan, { runtime: "airfleet_runtime_0123456789abcdef" });
    writeFileSync(path.join(folder, name), text);
    known.set(pipeline.id, source);
    writes += 1;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - began, cpuMs: (user + system) / 1_000, writes };
};

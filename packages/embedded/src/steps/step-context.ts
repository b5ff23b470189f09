import path from "node:path";
import { mkdir } from "node:fs/promises";
import type { Connection } from "@airfleet/model";
import type { InstanceLimits } from "./duckdb/locked-instance.ts";
import type { Params } from "./params.ts";

/** All that a step knows of the engine that runs it. */
export interface StepContext {
  readonly stepId: string;
  readonly runFolder: string;
  readonly params: Params;
  readonly roots: readonly string[];
  readonly networkAllow: readonly string[];
  readonly limits: InstanceLimits;
  /** Ends the step. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** @throws {StepRefusal} for one that is not there */
  readonly connection: (id: string | null) => Connection;
}

/** The Parquet file of a step's output, in a folder that is there. */
export const outputFile = async ({ runFolder, stepId }: StepContext, output: string): Promise<string> => {
  const folder = path.join(runFolder, stepId);
  await mkdir(folder, { recursive: true });
  return path.join(folder, `${output}.parquet`);
};

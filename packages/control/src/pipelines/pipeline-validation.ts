import { checkConnectionPlaces, checkConnections, type UsedConnection } from "@airfleet/compiler";
import type { PipelineFinding } from "@airfleet/model";
import type { ConnectionTarget, KnowConnections } from "../connections/known-connections.ts";
import type { CompileRequest, PipelineCompiler } from "./pipeline-compiler.ts";

/** Everything that was found in a pipeline; it is valid without errors. */
export interface PipelineValidation {
  readonly valid: boolean;
  readonly errors: readonly PipelineFinding[];
  readonly warnings: readonly PipelineFinding[];
  /** Of the plan; null when it does not compile. */
  readonly planHash: string | null;
}

interface Ports {
  readonly compiler: PipelineCompiler;
  readonly knowConnections: KnowConnections;
}

const isNamed = ({ id }: UsedConnection): boolean => id !== "";

/** Judges a pipeline with the connections that there are for it now. */
export const createPipelineValidator =
  ({ compiler, knowConnections }: Ports) =>
  async (request: CompileRequest, targets: readonly ConnectionTarget[]): Promise<PipelineValidation> => {
    const { findings, connections, hash } = compiler.compile(request);
    const named = connections.filter(isNamed);
    const ids = named.map(({ id }) => id);
    const { known, places } = await knowConnections(ids, targets);
    const all = [...findings, ...checkConnections(named, known), ...checkConnectionPlaces(named, known, places)];
    const errors = all.filter(({ severity }) => severity === "error");
    const warnings = all.filter(({ severity }) => severity === "warning");
    return { valid: errors.length === 0, errors, warnings, planHash: hash };
  };

export type ValidatePipeline = ReturnType<typeof createPipelineValidator>;

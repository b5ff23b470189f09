import type { Connection } from "@airfleet/model";
import type { InstanceLimits } from "./duckdb/locked-instance.ts";
import type { Params } from "./params.ts";

/** All that a step knows of the engine that runs it. */
export interface StepContext {
  /** A folder of this try alone, gone when it has ended. What is to stay is published from it. */
  readonly scratch: string;
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

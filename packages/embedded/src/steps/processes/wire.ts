import { Connection, StepResult, type Step, type TableReference } from "@airfleet/model";
import { z } from "zod";

/**
 * What a process that carries out steps reads, one JSON object on each line of its standard input. It answers on file
 * descriptor 3. The same protocol as `python -m airfleet.runtime`, whose documentation describes it.
 */
export interface WireJob {
  readonly id: string;
  readonly step: Step;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, TableReference>>;
  readonly run_folder: string;
  readonly roots: readonly string[];
  readonly network_allow: readonly string[];
  readonly connections: Readonly<Record<string, Connection>>;
  readonly memory: string;
  readonly threads: number;
  /** Characters of the log that anybody reads: what comes behind them need not be sent. */
  readonly log_characters: number;
}

/** One line of the answers. */
export const WireAnswer = z.union([
  z.object({ id: z.string(), log: z.string() }),
  z.object({ id: z.string(), result: StepResult }),
  z.object({
    id: z.string().nullable(),
    error: z.object({ code: z.enum(["STEP_REFUSED", "STEP_FAILED"]), message: z.string() }),
  }),
]);
export type WireAnswer = z.infer<typeof WireAnswer>;

/** Status of a process that was told to end and has undone what it had begun. */
export const TERMINATED = 143;

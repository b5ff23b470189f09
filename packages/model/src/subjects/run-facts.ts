import type { RunRecord } from "../runs/run-record.ts";

/** What rules may speak of. */
export interface RunFacts {
  readonly instance: string;
  readonly dagId: string;
  readonly runId: string;
  /** RFC 3339; null for a run without one. */
  readonly logicalDate: string | null;
  /** Null while nobody has told us. */
  readonly conf: Readonly<Record<string, unknown>> | null;
}

/** What is known of a run, as far as rules may speak of it. */
export const toRunFacts = (instance: string, { dagId, runId, read, heard }: RunRecord): RunFacts => ({
  instance,
  dagId,
  runId,
  logicalDate: read?.run.logicalDate ?? heard?.logicalDate ?? null,
  conf: read?.run.conf ?? heard?.conf ?? null,
});

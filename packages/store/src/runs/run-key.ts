import { createHash } from "node:crypto";
import { type DagId, type InstanceId, type RunId, type RunKey, toBase32, toRunKey } from "@airfleet/model";

/** Where a run lives; this and nothing else is its identity. */
export interface RunPlace {
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly runId: RunId;
}

/** Our name of a run: the same on every server, and again after a store was lost. */
export const runKeyOf = ({ instance, dagId, runId }: RunPlace): RunKey =>
  toRunKey(
    `run_${toBase32(
      createHash("sha256")
        .update(JSON.stringify([instance, dagId, runId]))
        .digest(),
    )}`,
  );

import { type DagId, type RunAddress, toDagId, toRunId } from "@airfleet/model";
import type { SeedContext } from "./seed-route.ts";

/** The DAG that a path names. */
export const dagOf = ({ params }: Pick<SeedContext, "params">): DagId => toDagId(params.dag_id ?? "");

/** The run that a path names. */
export const runOf = (context: Pick<SeedContext, "params">): RunAddress => ({
  dagId: dagOf(context),
  runId: toRunId(context.params.dag_run_id ?? ""),
});

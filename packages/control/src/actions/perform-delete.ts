import { AirfleetError, isAirfleetError, isTerminalRunState } from "@airfleet/model";
import type { Facts } from "./facts.ts";
import { toRunFacts } from "./facts.ts";
import { mayHaveArrived } from "./lost-answer.ts";
import type { Performer } from "./performer.ts";

const GONE: Facts = { deleted: true };

/** Deletes a finished run. A run that is gone after we asked for it is a run that we deleted. */
export const performDelete: Performer<"run:delete"> = async ({ dagId, runId }, engine, attempt) => {
  const address = { dagId, runId };
  let before = attempt.earlier;
  try {
    const run = await engine.getRun(address, attempt.call());
    // Airflow 2 deletes a running run without a word, and its tasks die orphaned.
    if (!isTerminalRunState(run.state)) {
      throw new AirfleetError("RUN_ACTIVE", { run_id: runId, dag_id: dagId, state: run.state });
    }
    before ??= toRunFacts(run);
  } catch (error) {
    if (before !== null && isAirfleetError(error, "RUN_UNKNOWN")) return { before, after: GONE, gone: address };
    throw error;
  }
  try {
    await attempt.send(before, (options) => engine.deleteRun(address, options));
  } catch (error) {
    if (!isAirfleetError(error, "RUN_UNKNOWN") && !mayHaveArrived(error)) throw error;
  }
  try {
    await engine.getRun(address, attempt.call());
  } catch (error) {
    if (isAirfleetError(error, "RUN_UNKNOWN")) return { before, after: GONE, gone: address };
    throw error;
  }
  throw new AirfleetError("RUN_NOT_DELETED", { run_id: runId, dag_id: dagId, instance: engine.instance });
};

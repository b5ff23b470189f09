import { isAirfleetError } from "@airfleet/model";
import type { ExecutionNews, Store, StoredExecution } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { ActionUseCases } from "../control.ts";
import type { TriggerUseCases } from "../triggers/trigger.ts";
import { actorOf, termsOf } from "./execution-request.ts";

interface StopPorts {
  readonly store: Pick<Store, "executions">;
  readonly triggers: Pick<TriggerUseCases, "requestMany">;
  readonly actions: Pick<ActionUseCases, "perform" | "get">;
}

/** Well within the lease of the work. */
const PERFORM_MS = 10_000;
const LOOK_AGAIN_MS = 2_000;
/** A stop that failed is tried again so often; then a person has to look. */
const MOST_TRIES = 20;

const cancellerOf = ({ cancelledBy, triggeredBy }: StoredExecution): Actor =>
  actorOf({ triggeredBy: cancelledBy ?? triggeredBy });

const stopActionIn = ({ result }: StoredExecution): string | null => {
  const id = result?.["stop_action"];
  return typeof id === "string" ? id : null;
};

/**
 * Sees to it that a cancelled execution has no run, or one that was stopped.
 *
 * A request without a single run is recorded where its own request for a run would be, in one place that takes one of
 * the two. When ours is first, no run is ever asked for, whoever is at work on it; else there is a trigger, which the
 * stop calls off or follows to its run.
 */
export const stopExecution = async (execution: StoredExecution, ports: StopPorts): Promise<ExecutionNews> => {
  const { triggers, actions } = ports;
  const { instance, dagId, runId } = execution;
  if (!execution.isDiscovered) {
    const { triggers: made } = await triggers.requestMany([], termsOf(execution));
    if (made.length === 0) return { stage: "done", againInMs: null, stageNote: null };
  }
  const over: ExecutionNews = { stage: "collecting", againInMs: 0, stageNote: null };
  const known = stopActionIn(execution);
  try {
    const action =
      known === null
        ? await actions.perform(
            cancellerOf(execution),
            { verb: "run:stop", instance, dagId, runId, confirmed: true },
            { deadlineMs: PERFORM_MS, onTrouble: "retry" },
          )
        : await actions.get(known);
    const result = { ...execution.result, stop_action: action.id };
    if (action.state === "done") return { ...over, result };
    if (action.state === "pending") {
      return { stage: "stopping", againInMs: LOOK_AGAIN_MS, stageNote: "its run is being stopped", result };
    }
    // There was no such run, or none any more: nothing is left to stop.
    if (action.error?.code === "RUN_UNKNOWN" || action.error?.code === "DAG_UNKNOWN") return { ...over, result };
    const note = `its run could not be stopped: ${action.error?.message ?? "no reason was given"}`;
    if (execution.attempts >= MOST_TRIES) return { ...over, result, stageNote: note };
    return {
      stage: "stopping",
      againInMs: LOOK_AGAIN_MS * Math.min(execution.attempts, 15),
      stageNote: note,
      result: { ...execution.result, stop_action: null },
    };
  } catch (error) {
    if (!isAirfleetError(error, "ACTION_UNKNOWN", "INSTANCE_UNKNOWN", "INSTANCE_DISABLED")) throw error;
    return { ...over, stageNote: error.message };
  }
};

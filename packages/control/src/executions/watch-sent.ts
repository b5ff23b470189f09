import type { ExecutionNews, Store, StoredExecution } from "@airfleet/store";
import type { Clock } from "../clock.ts";

interface SentPorts {
  readonly store: Pick<Store, "triggers" | "runs">;
  readonly clock: Clock;
}

const LOOK_AGAIN_MS = 5_000;

/** Looks after a run that was asked for until it is seen, or until it is certain that there will be none. */
export const watchSent = async (execution: StoredExecution, { store, clock }: SentPorts): Promise<ExecutionNews> => {
  const { instance, dagId, runId } = execution;
  const trigger = execution.trigger === null ? undefined : await store.triggers.find(execution.trigger);
  const completedAt = new Date(clock.now()).toISOString();
  const state = trigger?.state;
  switch (state) {
    case "rejected":
    case "failed":
    case "expired": {
      const { code, message } = trigger?.error ?? { code: null, message: `The run was not accepted: ${state}.` };
      const error = { code, message, trace: null };
      return { stage: "done", againInMs: null, stageNote: null, status: "failed", completedAt, error };
    }
    case "cancelled":
      return { stage: "done", againInMs: null, stageNote: null, status: "cancelled", completedAt };
    case "pending":
    case "sending":
      return { stage: "sent", againInMs: LOOK_AGAIN_MS, stageNote: "its run is being asked for" };
    case "accepted":
    case undefined: {
      const [run] = await store.runs.findMany(instance, [{ dagId, runId }]);
      // Its readings move the execution from here on.
      if (run !== undefined) return { stage: "following", againInMs: null, stageNote: null };
      return { stage: "sent", againInMs: LOOK_AGAIN_MS, stageNote: "its run was accepted and not seen yet" };
    }
    default:
      return state satisfies never;
  }
};

import { AirfleetError } from "@airfleet/model";
import type { RunPlace, TriggerRepository } from "@airfleet/store";

/** What became of the trigger that asked for a run; `called_off` by this very call, `cancelled` by an earlier one. */
export type CancelledTrigger =
  | { readonly state: "none" }
  | { readonly state: "called_off" | "cancelled" | "sending"; readonly id: string };

/** Calls off the trigger that would make this run, if there is one that was certainly not sent. */
export const cancelTrigger = async (
  { triggers }: { readonly triggers: TriggerRepository },
  { instance, dagId, runId }: RunPlace,
  actor: string,
): Promise<CancelledTrigger> => {
  const trigger = await triggers.findByRun({ instance, dagId, runId });
  if (trigger?.state === "cancelled") return { state: "cancelled", id: trigger.id };
  if (trigger?.state !== "pending" && trigger?.state !== "sending") return { state: "none" };
  const reason = new AirfleetError("TRIGGER_CANCELLED", { actor });
  const answer = await triggers.cancel({ id: trigger.id, actor, reason });
  return { state: answer?.cancelled === true ? "called_off" : "sending", id: trigger.id };
};

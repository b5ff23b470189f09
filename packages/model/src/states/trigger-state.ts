/**
 * Where a trigger stands: our durable record of asking for a run.
 *
 * `pending` waits for its turn or for another try; `sending` is with a worker, and may or may not have reached the
 * engine. From either it goes to one of the others and stays there: `accepted`, the engine has the run; `rejected`, the
 * engine or a rule said no (unknown DAG, bad conf, a foreign run under the id); `failed`, every try met trouble and it
 * is certain or made certain that no run came of it; `expired`, its time was over before it could be sent; `cancelled`,
 * called off by somebody before it was sent.
 */
export const TRIGGER_STATES = ["pending", "sending", "accepted", "rejected", "failed", "expired", "cancelled"] as const;
export type TriggerState = (typeof TRIGGER_STATES)[number];

/** States from which a trigger does not move. */
export const FINAL_TRIGGER_STATES = ["accepted", "rejected", "failed", "expired", "cancelled"] as const;

export const isFinalTriggerState = (state: TriggerState): boolean =>
  (FINAL_TRIGGER_STATES as readonly TriggerState[]).includes(state);

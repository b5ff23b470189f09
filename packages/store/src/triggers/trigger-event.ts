import type { TriggerState } from "@airfleet/model";
import type { EventNote } from "../events/events.ts";
import type { StoredTrigger } from "./trigger.ts";

/** What listeners are told of a trigger; `before` is null for a new one. */
export const toTriggerEvent = (trigger: StoredTrigger, before: TriggerState | null): EventNote => ({
  kind: "trigger.changed",
  instance: trigger.instance,
  dagId: trigger.dagId,
  runId: trigger.runId,
  payload: {
    id: trigger.id,
    request_id: trigger.requestId,
    state: trigger.state,
    before,
    actor: trigger.actor,
    warnings: trigger.warnings.map(({ code }) => code),
    error: trigger.error?.code ?? null,
    subjects: trigger.subjects.map(({ type, id }) => ({ type, id })),
    subjects_total: trigger.subjectsTotal,
  },
});

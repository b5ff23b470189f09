import type { EventNote } from "../events/events.ts";
import type { StoredAction } from "./action.ts";

/** What listeners are told of a new action. */
export const toRecordedEvent = ({ id, verb, actor, instance, dagId, runId }: StoredAction): EventNote => ({
  kind: "action.recorded",
  instance,
  dagId,
  runId,
  payload: { id, verb, state: "pending", actor },
});

import { AirfleetError, type InstanceId, type Tier } from "@airfleet/model";
import type { ActionIntent } from "./action.ts";

/** A trigger only adds a run, and a dry run changes nothing: neither asks. */
const isDestructive = (intent: ActionIntent): boolean => {
  switch (intent.verb) {
    case "run:trigger":
      return false;
    case "run:clear":
    case "task:set_state":
      return !intent.dryRun;
    case "dag:pause":
    case "run:set_state":
    case "run:stop":
    case "run:delete":
    case "dag:delete":
    case "config:write":
    case "config:delete":
      return true;
    default:
      return intent satisfies never;
  }
};

/**
 * Lets a write on a production instance pass only when the caller repeated the instance's id.
 *
 * @throws {AirfleetError} CONFIRMATION_NEEDED
 */
export const checkConfirmation = (
  intent: ActionIntent,
  instance: { readonly id: InstanceId; readonly tier: Tier },
): void => {
  if (instance.tier !== "production" || intent.confirmed === true || !isDestructive(intent)) return;
  if (intent.confirm !== instance.id) throw new AirfleetError("CONFIRMATION_NEEDED", { instance: instance.id });
};

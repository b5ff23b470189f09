import type { Engine } from "@airfleet/engine";
import type { ActionIntent, ActionVerb } from "./action.ts";
import { performClear } from "./perform-clear.ts";
import { performConfig } from "./perform-config.ts";
import { performDelete } from "./perform-delete.ts";
import { performPause } from "./perform-pause.ts";
import { performRunState } from "./perform-run-state.ts";
import { performStop } from "./perform-stop.ts";
import { performTaskState } from "./perform-task-state.ts";
import { performTrigger } from "./perform-trigger.ts";
import type { Attempt, Outcome, Performer } from "./performer.ts";

const PERFORMERS: { readonly [Verb in ActionVerb]: Performer<Verb> } = {
  "dag:pause": performPause,
  "run:trigger": performTrigger,
  "run:clear": performClear,
  "run:set_state": performRunState,
  "run:stop": performStop,
  "run:delete": performDelete,
  "task:set_state": performTaskState,
  "config:write": performConfig,
};

/** Carries out an intent with the performer of its verb. */
export const carryOut = (intent: ActionIntent, engine: Engine, attempt: Attempt): Promise<Outcome> => {
  // The table pairs each verb with its own intent, which the compiler cannot follow through an index.
  const performer = PERFORMERS[intent.verb] as Performer<ActionVerb>;
  return performer(intent, engine, attempt);
};

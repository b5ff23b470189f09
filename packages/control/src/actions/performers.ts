import type { Engine } from "@airfleet/engine";
import type { ActionIntent, ActionVerb } from "./action.ts";
import { performClear } from "./perform-clear.ts";
import { performConfig } from "./perform-config.ts";
import { performConfigDelete, performDagDelete } from "./perform-removal.ts";
import { performDelete } from "./perform-delete.ts";
import { performPause } from "./perform-pause.ts";
import { performRunState } from "./perform-run-state.ts";
import type { StopPorts } from "../stops/stop-ports.ts";
import { createPerformStop } from "./perform-stop.ts";
import { performTaskState } from "./perform-task-state.ts";
import { createPerformTrigger } from "./perform-trigger.ts";
import type { Attempt, Outcome, Performer } from "./performer.ts";
import type { ReadRecentDag } from "./recent-dag.ts";

/** Carries out an intent with the performer of its verb. */
export type CarryOut = (intent: ActionIntent, engine: Engine, attempt: Attempt) => Promise<Outcome>;

const performersOf = (
  stop: StopPorts,
  readRecentDag: ReadRecentDag,
): { readonly [Verb in ActionVerb]: Performer<Verb> } => ({
  "dag:pause": performPause,
  "run:trigger": createPerformTrigger(readRecentDag),
  "run:clear": performClear,
  "run:set_state": performRunState,
  "run:stop": createPerformStop(stop),
  "run:delete": performDelete,
  "task:set_state": performTaskState,
  "dag:delete": performDagDelete,
  "config:write": performConfig,
  "config:delete": performConfigDelete,
});

export const createCarryOut = (stop: StopPorts, readRecentDag: ReadRecentDag): CarryOut => {
  const performers = performersOf(stop, readRecentDag);
  return (intent, engine, attempt) => {
    // The table pairs each verb with its own intent, which the compiler cannot follow through an index.
    const performer = performers[intent.verb] as Performer<ActionVerb>;
    return performer(intent, engine, attempt);
  };
};

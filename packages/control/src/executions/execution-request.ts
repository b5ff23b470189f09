import type { StoredExecution } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { TriggerAsk, TriggerTerms } from "../triggers/trigger.ts";

/** The line break keeps callers' own keys, which are header values, from ever being the same. */
const keyOf = ({ id }: StoredExecution): string => `execution\n${id}`;

/** In whose name an execution goes on when nobody waits for it. What it may do was judged when it was asked for. */
export const actorOf = ({ triggeredBy }: Pick<StoredExecution, "triggeredBy">): Actor => ({
  id: triggeredBy,
  role: "operator",
  instances: ["*"],
  sourceIp: null,
  requestId: null,
});

/**
 * What the request for an execution's run is recognised by. The same for whoever asks and however often: the first of
 * asking and preventing decides, for ever.
 */
export const termsOf = (execution: StoredExecution): TriggerTerms => ({
  actor: actorOf(execution),
  key: keyOf(execution),
  body: { execution: execution.id },
});

/** The conf that every engine's interpreter reads. */
export const askOf = (execution: StoredExecution): TriggerAsk => {
  const { id, instance, dagId, runId, pipeline, params, triggerType } = execution;
  return {
    instances: [instance],
    dagId,
    runId,
    conf: { pipeline_id: pipeline, execution_id: id, params, trigger_type: triggerType },
    unpause: true,
    // Our own file, deployed to run by its schedule: nobody is surprised by the run that its unpausing starts.
    acceptScheduledRun: true,
  };
};

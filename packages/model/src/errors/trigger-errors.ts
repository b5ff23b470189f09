import { defineErrors } from "./definition.ts";

/** What can go wrong with asking for runs. */
export const triggerErrors = defineErrors({
  CONF_UNUSABLE: {
    status: 422,
    retryable: false,
    message: "The conf cannot be sent: {reason}. Give a JSON object, nested at most {depth} deep.",
  },
  RUN_NOT_CREATED: {
    status: 502,
    retryable: false,
    message:
      'The trigger of {dag_id} was sent to "{instance}", its answer was lost, and reading back shows no run "{run_id}". Trigger again if it is still wanted.',
  },
  TRIGGERS_TOO_MANY: {
    status: 422,
    retryable: false,
    message: "The request asks for {count} runs. At most {limit} are taken at once; split it.",
  },
  TRIGGER_CANCELLED: {
    status: 409,
    retryable: false,
    message: "The trigger was called off by {actor} before it was sent.",
  },
  TRIGGER_EXPIRED: {
    status: 504,
    retryable: false,
    message:
      "The trigger's time was over at {expires_at} before it could be sent. Trigger again if it is still wanted.",
  },
  TRIGGER_FINISHED: {
    status: 409,
    retryable: false,
    message: "Trigger {trigger} is {state} already, so there is nothing to call off.{hint}",
  },
  TRIGGER_SENDING: {
    status: 409,
    retryable: false,
    message:
      "Trigger {trigger} has been sent, or is being sent, so it cannot be called off. Wait for its end, then stop the run.",
  },
  TRIGGER_TARGETS_NONE: {
    status: 422,
    retryable: false,
    message: 'No instance fits the selector "{selector}" for DAG "{dag_id}". Known instances: {known}.',
  },
  TRIGGER_UNKNOWN: { status: 404, retryable: false, message: "There is no trigger {trigger}." },
  UNPAUSE_STARTS_SCHEDULE: {
    status: 409,
    retryable: false,
    message:
      'DAG "{dag_id}" on "{instance}" is paused and has a schedule ({schedule}): unpausing it also starts its last closed interval. Set accept_scheduled_run to true if that is meant.',
  },
});

import { defineErrors } from "./definition.ts";

/** What can go wrong with stopping runs. */
export const stopErrors = defineErrors({
  RUN_STOP_UNCONFIRMED: {
    status: 504,
    retryable: false,
    message:
      'Run "{run_id}" of {dag_id} on "{instance}" was stopped, but after {seconds} s nothing shows that these processes are gone: {tasks}. Look at them on their workers, or stop again with a longer timeout.',
  },
  STOP_CONFIRMATION_NEEDED: {
    status: 409,
    retryable: false,
    message:
      'The list touches {count} production instances: {instances}. Repeat the request with confirm = "{count} production" and list_hash = "{hash}" if you mean it.',
  },
  STOPS_TOO_MANY: {
    status: 422,
    retryable: false,
    message: "The request would stop more than {limit} runs. Narrow it down, or split it.",
  },
  STOP_NOT_KNOWN: {
    status: 404,
    retryable: false,
    message: "Run {run} was never stopped through Airfleet, or what is known of it was dropped.",
  },
  STOP_LIST_CHANGED: {
    status: 409,
    retryable: false,
    message:
      'The confirmation is for another list of runs than the one found now ({count} runs, hash {hash}). Look at the list with "dry_run": true and confirm that one.',
  },
});

import { defineErrors } from "./definition.ts";

/** What can go wrong with DAGs, runs, tasks and recorded writes. */
export const workErrors = defineErrors({
  ACTION_OUT_OF_TIME: {
    status: 504,
    retryable: true,
    message: "The action's time was over before anything was sent to the instance. Try again, or allow more time.",
  },
  ACTION_UNKNOWN: { status: 404, retryable: false, message: "There is no action {action}." },
  CLEAR_OUTCOME_UNKNOWN: {
    status: 502,
    retryable: false,
    message:
      "The clear of {dag_id} / {run_id} was sent, but the answer was lost, and the tries do not show whether it happened. Look at the run before clearing again.",
  },
  CONFIG_ENTRY_INVALID: {
    status: 422,
    retryable: false,
    message: '{kind} "{key}" was refused by instance "{instance}": {reason}',
  },
  CONFIG_ENTRY_UNKNOWN: { status: 404, retryable: false, message: 'There is no {kind} "{key}" on "{instance}".' },
  CONF_INVALID: { status: 422, retryable: false, message: "The conf does not fit the DAG's params: {reason}" },
  DAG_ACTIVE: {
    status: 409,
    retryable: false,
    message: 'DAG "{dag_id}" on "{instance}" has tasks that run. Stop its runs first.',
  },
  DAG_BROKEN: {
    status: 409,
    retryable: false,
    message:
      'DAG "{dag_id}" on "{instance}" has an import error, so it cannot run: {reason}. Fix its file and wait for it to be parsed.',
  },
  DAG_UNKNOWN: { status: 404, retryable: false, message: 'There is no DAG "{dag_id}" on instance "{instance}".' },
  LOGICAL_DATE_INVALID: {
    status: 422,
    retryable: false,
    message: '"{value}" is no date with a time zone. Write for example 2026-11-20T03:00:00Z.',
  },
  LOGICAL_DATE_TAKEN: {
    status: 409,
    retryable: false,
    message:
      'DAG "{dag_id}" on "{instance}" has a run for {logical_date} already. Choose another date, or clear that run.',
  },
  LOG_UNAVAILABLE: {
    status: 404,
    retryable: false,
    message: "There is no log of {task_id} try {try_number} in {dag_id} / {run_id}: {reason}",
  },
  PAUSE_NOT_KEPT: {
    status: 502,
    retryable: false,
    message:
      'Instance "{instance}" accepted that DAG "{dag_id}" is {wanted}, but reading it back shows otherwise. Somebody else may be changing it; look at it and try again.',
  },
  RUN_ACTIVE: { status: 409, retryable: false, message: 'Run "{run_id}" of {dag_id} is {state}. Stop it first.' },
  RUN_ID_INVALID: { status: 422, retryable: false, message: 'Run id "{run_id}" cannot be used: {reason}.' },
  RUN_ID_TAKEN: {
    status: 409,
    retryable: false,
    message:
      'A run "{run_id}" of {dag_id} exists on "{instance}" with another conf or date. It is not ours; choose another id.',
  },
  RUN_NOT_DELETED: {
    status: 502,
    retryable: false,
    message:
      'Instance "{instance}" was told to delete run "{run_id}" of {dag_id}, but still shows it. Look at it and try again.',
  },
  RUN_UNKNOWN: {
    status: 404,
    retryable: false,
    message: 'There is no run "{run_id}" of DAG "{dag_id}" on instance "{instance}".',
  },
  TASK_STATE_INVALID: { status: 400, retryable: false, message: "Invalid state. Must be: success, failed, or skipped" },
  TASK_UNKNOWN: {
    status: 404,
    retryable: false,
    message: 'There is no task instance "{task_id}" (map index {map_index}) in {dag_id} / {run_id} on "{instance}".',
  },
});

import { defineErrors } from "./definition.ts";

/** What can go wrong with executing pipelines. */
export const executionErrors = defineErrors({
  EXECUTION_UNKNOWN: {
    status: 404,
    retryable: false,
    message: "Execution not found",
  },
  EXECUTION_NOT_CANCELLABLE: {
    status: 400,
    retryable: false,
    message: "Cannot cancel execution with status: {status}",
  },
  EXECUTION_INSTANCE_OPEN: {
    status: 422,
    retryable: false,
    message:
      'It is open where pipeline "{pipeline}" is to run. Say "instance" or "environment" in the request; there are the instances {instances} and the environments {environments}.',
  },
  EXECUTION_INSTANCE_NONE: {
    status: 422,
    retryable: false,
    message:
      'There is no instance that pipeline "{pipeline}" could run on. Give an instance a "deploy" section, or start Airfleet with its embedded engine.',
  },
  EXECUTION_ENVIRONMENT_UNKNOWN: {
    status: 422,
    retryable: false,
    message: 'Pipeline "{pipeline}" has no environment "{environment}"; it has {environments}.',
  },
  EXECUTION_ENVIRONMENT_WIDE: {
    status: 422,
    retryable: false,
    message:
      'Environment "{environment}" of pipeline "{pipeline}" has several instances: {instances}. Say which with "instance".',
  },
  EXECUTION_PARAM_UNKNOWN: {
    status: 422,
    retryable: false,
    message:
      'Pipeline "{pipeline}" has no parameter "{param}"; it has {params}. Add it to the pipeline\'s default_params first.',
  },
  EXECUTION_EXPIRED: {
    status: 504,
    retryable: true,
    message:
      "Version {hash} of the pipeline was not ready on {instance} within {minutes} minutes: {reason}. Look at its deployment, then execute it again.",
  },
  EXECUTION_VERSION_REPLACED: {
    status: 409,
    retryable: true,
    message: "The pipeline was changed before this execution began. Execute it again to run the newest version.",
  },
  EXECUTION_HOLLOW: {
    status: 502,
    retryable: true,
    message:
      "The engine calls the run a success, but every task of it was removed: it ran with an older copy of the pipeline and did nothing. Execute it again.",
  },
  SCHEDULE_UNKNOWN: {
    status: 404,
    retryable: false,
    message: "Schedule not found",
  },
  SCHEDULE_INVALID: {
    status: 422,
    retryable: false,
    message: 'The schedule cannot be used: "{field}" {reason}.',
  },
  PIPELINE_WEBHOOK_UNKNOWN: {
    status: 404,
    retryable: false,
    message:
      "There is no such webhook of a pipeline, or its address was replaced or revoked. Ask for the present address.",
  },
  PIPELINE_WEBHOOK_SIGNATURE: {
    status: 401,
    retryable: false,
    message:
      "The message is not signed with the webhook's secret, or was signed more than {minutes} minutes ago. Send the headers webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks.",
  },
});

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
  EXECUTION_EXPIRED: {
    status: 504,
    retryable: true,
    message:
      "Version {hash} of the pipeline was not ready on {instance} within {minutes} minutes: {reason}. Look at its deployment, then execute it again.",
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
    message: "The pipeline has no webhook. Make one with POST /api/v1/pipelines/<id>/webhook.",
  },
  PIPELINE_WEBHOOK_REFUSED: {
    status: 401,
    retryable: false,
    message:
      "There is no such webhook of a pipeline, or its address was replaced or revoked. Ask its owner for the present address.",
  },
  PIPELINE_WEBHOOK_BODY: {
    status: 400,
    retryable: false,
    message: "The message is no JSON object. Send parameters as an object, or nothing.",
  },
  PIPELINE_WEBHOOK_SIGNATURE: {
    status: 401,
    retryable: false,
    message:
      "The message is not signed with the webhook's secret, or was signed more than {minutes} minutes ago. Send the headers webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks.",
  },
});

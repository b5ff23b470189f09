import { defineErrors } from "./definition.ts";

/** What can go wrong with pipelines, their modules and connections. */
export const pipelineErrors = defineErrors({
  CONNECTION_UNKNOWN: {
    status: 404,
    retryable: false,
    message:
      'There is no connection "{id}". Create it with: airfleet connections put {id}, or set AIRFLEET_CONN_{variable} where the steps run.',
  },
  CONNECTION_UNREADABLE: {
    status: 422,
    retryable: false,
    message:
      "The connection in {variable} cannot be read: {reason}. Write it as Airflow does: type://login:password@host:port/schema, or as a JSON object.",
  },
  MODULE_UNKNOWN: { status: 404, retryable: false, message: 'There is no module "{module}". {meant}' },
  PIPELINE_EXISTS: {
    status: 409,
    retryable: false,
    message: 'There is a pipeline with the id "{id}" already. Change that one, or import this as a new one.',
  },
  PIPELINE_INVALID: {
    status: 422,
    retryable: false,
    message:
      'Pipeline "{name}" has {errors} errors; the first: {first} Check it with: airfleet pipelines validate {id}',
  },
  // These words are what clients of older servers look for.
  PIPELINE_UNKNOWN: { status: 404, retryable: false, message: "Pipeline not found" },
  PIPELINE_VERSION_UNKNOWN: {
    status: 404,
    retryable: false,
    message: "Pipeline {id} has no version {revision}; its versions are 1 to {latest}.",
  },
});

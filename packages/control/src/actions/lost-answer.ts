import { type ErrorCode, isAirfleetError } from "@airfleet/model";

/** The request left us, and no answer or only a gateway's answer came back. */
const AMBIGUOUS: ReadonlySet<ErrorCode> = new Set([
  "AIRFLOW_ANSWER_INVALID",
  "AIRFLOW_ANSWER_TOO_LARGE",
  "AIRFLOW_SERVER_ERROR",
  "INSTANCE_TIMEOUT",
  "INSTANCE_UNREACHABLE",
]);

/**
 * Whether a write that failed with this error may have been carried out all the same. An INSTANCE_UNREACHABLE that says
 * `sent: false` (no connection came about) was not.
 */
export const mayHaveArrived = (error: unknown): boolean =>
  isAirfleetError(error) ? AMBIGUOUS.has(error.code) && error.details.sent !== false : true;

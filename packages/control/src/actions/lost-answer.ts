import { type ErrorCode, isAirfleetError } from "@airfleet/model";

/** A gateway gave up waiting for the instance, which may have gone on. */
const GATEWAY_STATUSES: readonly unknown[] = [502, 504];

/** Nothing came back that we could understand. */
const NO_ANSWER: ReadonlySet<ErrorCode> = new Set([
  "AIRFLOW_ANSWER_INVALID",
  "AIRFLOW_ANSWER_TOO_LARGE",
  "INSTANCE_ANSWER_INVALID",
  "INSTANCE_ANSWER_TOO_LARGE",
  "INSTANCE_TIMEOUT",
  "INTERNAL",
]);

/**
 * Whether a write that failed with this error may have been carried out all the same: the request left us, and no
 * answer came back, or only a gateway's. A refusal is a definite no; so is a plain 500, since Airflow's handlers work
 * in one transaction; and so is `sent: false`, when no connection came about.
 */
export const mayHaveArrived = (error: unknown): boolean => {
  if (!isAirfleetError(error)) return true;
  if (error.code === "INSTANCE_UNREACHABLE") return error.details["sent"] !== false;
  if (error.code === "AIRFLOW_SERVER_ERROR" || error.code === "INSTANCE_SERVER_ERROR")
    return GATEWAY_STATUSES.includes(error.details["status"]);
  return NO_ANSWER.has(error.code);
};

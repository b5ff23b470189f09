import { isAirfleetError } from "@airfleet/model";

/** A gateway gave up waiting for the instance, which may have gone on. */
const GATEWAY_STATUSES: readonly unknown[] = [502, 504];

/**
 * Whether a write that failed with this error may have been carried out all the same: the request left us, and no
 * answer came back, or only a gateway's. A refusal is a definite no; so is a plain 500, since Airflow's handlers work
 * in one transaction; and so is `sent: false`, when no connection came about.
 */
export const mayHaveArrived = (error: unknown): boolean => {
  if (!isAirfleetError(error)) return true;
  switch (error.code) {
    case "INSTANCE_UNREACHABLE":
      return error.details["sent"] !== false;
    case "AIRFLOW_SERVER_ERROR":
      return GATEWAY_STATUSES.includes(error.details["status"]);
    case "AIRFLOW_ANSWER_INVALID":
    case "AIRFLOW_ANSWER_TOO_LARGE":
    case "INSTANCE_TIMEOUT":
    case "INTERNAL":
      return true;
    default:
      return false;
  }
};

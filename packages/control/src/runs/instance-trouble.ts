import { type ErrorCode, isAirfleetError } from "@airfleet/model";

/** The instance could not be asked, or no longer has what was asked for. */
const TROUBLE: readonly ErrorCode[] = [
  "AIRFLOW_ANSWER_INVALID",
  "AIRFLOW_REFUSED",
  "AIRFLOW_SERVER_ERROR",
  "DAG_UNKNOWN",
  "INSTANCE_ANSWER_INVALID",
  "INSTANCE_BUSY",
  "INSTANCE_CREDENTIALS_REFUSED",
  "INSTANCE_DISABLED",
  "INSTANCE_REFUSED",
  "INSTANCE_SERVER_ERROR",
  "INSTANCE_FORBIDDEN",
  "INSTANCE_REDIRECTED",
  "INSTANCE_SIGNING_KEY_UNUSABLE",
  "INSTANCE_SIGNING_UNSUPPORTED",
  "INSTANCE_TIMEOUT",
  "INSTANCE_TLS_FAILED",
  "INSTANCE_TOKEN_COMMAND_FAILED",
  "INSTANCE_UNREACHABLE",
  "LOG_UNAVAILABLE",
  "RUN_UNKNOWN",
  "TASK_UNKNOWN",
];

/** The instance does not have it, and asking again will not change that. */
const ABSENCE: readonly ErrorCode[] = ["DAG_UNKNOWN", "LOG_UNAVAILABLE", "RUN_UNKNOWN", "TASK_UNKNOWN"];

/** Whether what we remember is a better answer than this failure. */
export const isInstanceTrouble = (error: unknown): boolean => isAirfleetError(error, ...TROUBLE);

/** Whether the instance said that it has no such thing. */
export const isAbsent = (error: unknown): boolean => isAirfleetError(error, ...ABSENCE);

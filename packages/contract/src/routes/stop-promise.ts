import type { ErrorCode } from "@airfleet/model";

/** Codes of every route that stops one run. */
export const STOP_ERRORS = [
  "CONFIRMATION_NEEDED",
  "RUN_ACTIVE",
  "RUN_NOT_DELETED",
  "RUN_STOP_UNCONFIRMED",
] as const satisfies readonly ErrorCode[];

export const STOP_DESCRIPTION =
  "Airflow calls the tasks ended at once while their processes live on for seconds. The stop is done when each process is known to be gone (its own report, the end of its log, its pid on this host), or is presumed so after a time without a sign of life; when the timeout is over before, it fails and names those processes. What takes longer than the caller waits goes on: the answer is 202, and the action shows how far it is. Whoever asks again for a run that is being stopped gets the same action.";

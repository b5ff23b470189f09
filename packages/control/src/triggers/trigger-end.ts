import { type ErrorCode, isAirfleetError } from "@airfleet/model";
import type { TriggerEnd } from "@airfleet/store";
import type { SendState } from "../actions/attempt.ts";

/** Refusals that our API answers with a status of its own, since they are not about the request's form. */
const VERDICTS: ReadonlySet<ErrorCode> = new Set([
  "AIRFLOW_REFUSED",
  "CAPABILITY_MISSING",
  "INSTANCE_FORBIDDEN",
  "INSTANCE_REFUSED",
]);

/** Whether somebody said no: asking again would bring the same answer. */
const isVerdict = (error: unknown): boolean =>
  isAirfleetError(error) && !error.retryable && (error.status < 500 || VERDICTS.has(error.code));

/**
 * How a trigger ends that met an error which is final: `rejected` when the engine or a rule of ours said no, `expired`
 * when it waited for better times until its own was over and surely was not sent, `failed` otherwise.
 */
export const endOfFailed = ({
  error,
  sent,
  mayRetry,
}: {
  readonly error: unknown;
  readonly sent: SendState;
  readonly mayRetry: boolean;
}): TriggerEnd["state"] => {
  if (isAirfleetError(error, "TRIGGER_EXPIRED")) return "expired";
  if (isVerdict(error)) return "rejected";
  const waitedInVain = mayRetry && sent === "none" && isAirfleetError(error) && error.retryable;
  return waitedInVain ? "expired" : "failed";
};

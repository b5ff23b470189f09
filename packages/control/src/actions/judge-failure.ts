import { AirfleetError, type ErrorCode, isAirfleetError } from "@airfleet/model";
import { backOffMs } from "../reconcilers/back-off.ts";
import type { SendState } from "./attempt.ts";
import { mayHaveArrived } from "./lost-answer.ts";

/** What to do after an attempt that failed. */
export type Verdict =
  | { readonly kind: "end"; readonly state: "failed" | "unknown" }
  | { readonly kind: "retry"; readonly afterMs: number };

interface Failure {
  readonly error: unknown;
  readonly sent: SendState;
  /** Whether the action may be done later, when nobody waits for it any more. */
  readonly mayRetry: boolean;
  /** 1 after the first attempt. */
  readonly attempts: number;
  /** Time that is left before the action is given up, in milliseconds. */
  readonly remainingMs: number;
  readonly random: () => number;
}

const FIRST_RETRY_MS = 2_000;
const RETRY_CAP_MS = 60_000;

/** Failures that pass by themselves. */
const isTransient = (error: unknown): boolean => isAirfleetError(error) && error.retryable;

/**
 * Judges a failed attempt. An error is final at once for a caller who waits: whoever was told that it failed must not
 * find it done ten minutes later. It is `unknown`, not failed, when the write may have been carried out.
 */
export const judgeFailure = ({ error, sent, mayRetry, attempts, remainingMs, random }: Failure): Verdict => {
  if (isAirfleetError(error, "CLEAR_OUTCOME_UNKNOWN")) return { kind: "end", state: "unknown" };
  if (isAirfleetError(error, "RUN_NOT_CREATED")) return { kind: "end", state: "failed" };
  if (mayRetry && isTransient(error)) {
    const askedMs = isAirfleetError(error) ? Math.min(RETRY_CAP_MS, (error.retryAfterSeconds ?? 0) * 1_000) : 0;
    const backedOffMs = backOffMs(attempts, { firstMs: FIRST_RETRY_MS, capMs: RETRY_CAP_MS, random });
    const afterMs = Math.max(askedMs, backedOffMs);
    if (afterMs < remainingMs) return { kind: "retry", afterMs };
  }
  const isOpen = sent === "lost" || (sent === "answered" && mayHaveArrived(error));
  return { kind: "end", state: isOpen ? "unknown" : "failed" };
};

/** An error as the action keeps it. What is no error of ours hides its insides; the log has them. */
export const toActionError = (
  error: unknown,
  requestId: string | null,
): { readonly code: ErrorCode; readonly message: string } => {
  const coded = isAirfleetError(error) ? error : new AirfleetError("INTERNAL", { request_id: requestId ?? "(none)" });
  return { code: coded.code, message: coded.message };
};

import { AirfleetApiError, AirfleetConnectionError } from "@airfleet/sdk";
import { CliFailure } from "./cli-failure.ts";
import { EXIT, toExitCode } from "./exit-codes.ts";

/** A caught value in the form in which it is shown and turned into an exit code. */
export interface FailureReport {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  /** Each place that is wrong, and the next step. */
  readonly hints: readonly string[];
}

interface Finding {
  readonly pointer: string;
  readonly message: string;
}

const toHint = ({ pointer, message }: Finding): string => (pointer === "" ? message : `${pointer}: ${message}`);

/** What the packages below throw: they are loaded only by some commands, so their class is not at hand here. */
const isCodedError = (
  error: unknown,
): error is Error & { readonly code: string; readonly status: number; readonly findings: readonly Finding[] } =>
  error instanceof Error &&
  error.name === "AirfleetError" &&
  "code" in error &&
  "status" in error &&
  "findings" in error;

/** Says what went wrong, for people and for scripts. */
export const describeFailure = (error: unknown): FailureReport => {
  if (error instanceof CliFailure) {
    const { code, message, exitCode, fix } = error;
    return { code, message, exitCode, hints: fix === undefined ? [] : [fix] };
  }
  if (error instanceof AirfleetApiError) {
    const { code, status, message, problem } = error;
    const hints = (problem.errors ?? []).map(toHint);
    if (problem.action !== undefined) hints.push(`recorded as action ${problem.action}`);
    if (status >= 500) hints.push(`request ${problem.request_id}`);
    return { code, message, exitCode: toExitCode(code, status), hints };
  }
  if (error instanceof AirfleetConnectionError) {
    const { code, message } = error;
    const hints = [
      "The address comes from --server, AIRFLEET_URL or PORT, in this order; the default is http://127.0.0.1:3000.",
    ];
    return { code, message, exitCode: toExitCode(code), hints };
  }
  if (isCodedError(error)) {
    const { code, message, status, findings } = error;
    return { code, message, exitCode: toExitCode(code, status), hints: findings.map(toHint) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "INTERNAL", message, exitCode: EXIT.failure, hints: [] };
};

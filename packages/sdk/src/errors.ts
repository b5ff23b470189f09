import type { Problem } from "@airfleet/contract";

/** The server answered with an error: its status, its code from the catalogue, and the whole problem document. */
export class AirfleetApiError extends Error {
  readonly status: number;
  /** A code from the catalogue; see docs/reference/errors.md. */
  readonly code: string;
  readonly problem: Problem;
  /** Seconds after which the server says that trying again makes sense. */
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(problem.detail);
    this.name = "AirfleetApiError";
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Why there is no answer of Airfleet. `SERVER_UNREACHABLE`: nobody listens, or the connection broke. `SERVER_TIMEOUT`: no
 * answer in time. `NOT_AIRFLEET`: something answered, but not Airfleet.
 */
export type ConnectionProblem = "SERVER_UNREACHABLE" | "SERVER_TIMEOUT" | "NOT_AIRFLEET";

/** No answer came, or none that Airfleet could have given. Whether a write happened is then not known. */
export class AirfleetConnectionError extends Error {
  readonly code: ConnectionProblem;

  constructor(code: ConnectionProblem, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "AirfleetConnectionError";
    this.code = code;
  }
}

const reasonOf = (error: unknown): string => {
  // fetch says only "fetch failed"; what happened is in the cause, and with several addresses in the cause's errors.
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (first instanceof Error) return first.message;
  return error instanceof Error ? error.message : String(error);
};

/** Says what happened when `fetch` threw. */
export const toConnectionError = (error: unknown, url: URL): AirfleetConnectionError =>
  new AirfleetConnectionError(
    "SERVER_UNREACHABLE",
    `No Airfleet server answers at ${url.origin}: ${reasonOf(error)}. Start one with "airfleet serve", or give its address.`,
    error,
  );

export const toTimeoutError = (timeoutMs: number, method: string, url: URL): AirfleetConnectionError =>
  new AirfleetConnectionError(
    "SERVER_TIMEOUT",
    `The server at ${url.origin} did not answer ${method} ${url.pathname} within ${timeoutMs} ms.`,
  );

/** Says that an answer began but did not end. */
export const toBrokenAnswer = (error: unknown, url: URL): AirfleetConnectionError =>
  new AirfleetConnectionError(
    "SERVER_UNREACHABLE",
    `The answer of ${url.origin}${url.pathname} broke off: ${reasonOf(error)}. What came before is complete.`,
    error,
  );

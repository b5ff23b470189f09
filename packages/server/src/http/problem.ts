import { type AirfleetError, ERROR_CATALOGUE, type ErrorCode } from "@airfleet/model";
import type { Problem } from "@airfleet/contract";

/** An error as it goes over the wire. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

export const PROBLEM_MEDIA_TYPE = "application/problem+json; charset=utf-8";

/**
 * Whether a code's message was written for the caller. Of status 5xx that is so for what another server did, not for
 * what happened inside us.
 */
export const isTold = (code: ErrorCode): boolean =>
  ERROR_CATALOGUE[code].status < 500 || /^(AIRFLOW|INSTANCE|RUN)_|^CLEAR_OUTCOME_UNKNOWN$/.test(code);

const detailOf = (error: AirfleetError, requestId: string): string => {
  if (isTold(error.code)) return error.message;
  if (error.retryable) return `Airfleet cannot answer just now. Try again; quote request ${requestId} if it stays so.`;
  return `Something went wrong inside Airfleet. Quote request ${requestId} when you report it.`;
};

const titleOf = (code: ErrorCode): string => {
  const words = code
    .toLowerCase()
    .replaceAll("_", " ")
    .replaceAll(/\b(dag|id|tls)\b/g, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Where the meaning of a code is written down: a name, not an address, so that it holds offline. */
const typeOf = (code: ErrorCode): string => `urn:airfleet:error:${code}`;

const headersOf = (error: AirfleetError): Readonly<Record<string, string>> => ({
  ...(error.retryAfterSeconds === undefined ? {} : { "retry-after": String(Math.ceil(error.retryAfterSeconds)) }),
  ...(error.status === 401 ? { "www-authenticate": 'Bearer realm="airfleet"' } : {}),
  ...(error.code === "METHOD_NOT_ALLOWED" ? { allow: String(error.details.allowed) } : {}),
});

/** A coded error as an RFC 9457 problem. What went wrong inside us is left out; the log has it under the request id. */
export const toProblem = (
  error: AirfleetError,
  requestId: string,
  extras: { readonly action?: string } = {},
): ProblemAnswer => ({
  status: error.status,
  headers: headersOf(error),
  body: {
    type: typeOf(error.code),
    title: titleOf(error.code),
    status: error.status,
    detail: detailOf(error, requestId),
    code: error.code,
    request_id: requestId,
    ...(error.findings.length === 0 ? {} : { errors: error.findings.map((finding) => ({ ...finding })) }),
    ...extras,
  },
});

import { type WireAnswer, WireFailure } from "@airfleet/http";
import { z } from "zod";

/** What InvokeRestApi answers: Airflow's own status and body, wrapped; the same in its two exceptions. */
const Envelope = z.object({ RestApiStatusCode: z.number().int(), RestApiResponse: z.unknown() });

const AwsError = z.object({
  __type: z.string().nullish(),
  message: z.string().nullish(),
  Message: z.string().nullish(),
});

const REFUSED_KEYS =
  /AccessDenied|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|InvalidClientTokenId|MissingAuthenticationToken|IncompleteSignature/;

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new WireFailure("malformed", "InvokeRestApi answered no JSON");
  }
};

/**
 * Takes Airflow's answer out of AWS's. `RestApiClientException` and `RestApiServerException` carry one as well, so they
 * are answers like any other. AWS refusing our keys is a 401, throttling a 429; an error of AWS's own is never mistaken
 * for one of Airflow (a missing environment is no missing DAG).
 *
 * @throws {WireFailure}
 */
export const fromInvokeRestApi = (answer: WireAnswer, errorType: string | undefined): WireAnswer => {
  const body = parse(answer.bytes);
  const wrapped = Envelope.safeParse(body);
  if (wrapped.success) {
    const { RestApiStatusCode: status, RestApiResponse: inner } = wrapped.data;
    // A text (a source, a log) is passed on as the text it is; all else is JSON.
    const isText = typeof inner === "string";
    return {
      status,
      headers: { ...answer.headers, contentType: isText ? "text/plain" : "application/json", location: undefined },
      bytes: Buffer.from(isText ? inner : JSON.stringify(inner ?? null), "utf8"),
    };
  }
  const error = AwsError.catch({}).parse(body);
  const type = errorType ?? error["__type"] ?? "";
  const message = error.message ?? error.Message ?? "no reason given";
  const asStatus = (status: number): WireAnswer => ({
    status,
    headers: answer.headers,
    bytes: Buffer.from(JSON.stringify({ detail: `AWS: ${message}` }), "utf8"),
  });
  if (REFUSED_KEYS.test(type) || answer.status === 401 || answer.status === 403) return asStatus(401);
  if (/Throttl|TooManyRequests|RequestLimitExceeded/.test(type) || answer.status === 429) return asStatus(429);
  if (answer.status >= 500) return asStatus(answer.status);
  throw new WireFailure("malformed", `AWS refused the call (${type === "" ? answer.status : type}): ${message}`);
};

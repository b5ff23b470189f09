import type { AirfleetError } from "@airfleet/model";
import type { WireAnswer, WireRequest } from "../transport/transport.ts";
import type { WireFailure } from "../transport/wire-failure.ts";
import { type InstancePlace, placedError } from "./call-place.ts";
import type { Deadline } from "./deadline.ts";
import { shownReason } from "./error-envelope.ts";
import { isRetryableStatus, retryAfterMs } from "./retry-policy.ts";

/** The error for a request that got no answer; `sent: false` says that it surely never arrived. A caller who gave up gets the reason of its own signal instead. */
export const fromWireFailure = (
  place: InstancePlace,
  request: WireRequest,
  failure: WireFailure,
  { deadline, answerBytes }: { readonly deadline: Deadline; readonly answerBytes: number },
): AirfleetError => {
  const options = { request, cause: failure.cause ?? failure };
  const reason = place.scrub(failure.message);
  switch (failure.kind) {
    case "connect":
    case "refused_address":
      return placedError(place, "INSTANCE_UNREACHABLE", { url: place.url, reason, sent: false }, options);
    case "reset":
      return placedError(place, "INSTANCE_UNREACHABLE", { url: place.url, reason, sent: true }, options);
    case "tls":
      return placedError(place, "INSTANCE_TLS_FAILED", { url: place.url, reason }, options);
    case "aborted":
      return placedError(place, "INSTANCE_TIMEOUT", { timeout_ms: deadline.timeoutMs }, { request });
    case "too_large":
      return placedError(place, place.codes.answerTooLarge, { limit_bytes: answerBytes }, { request });
    case "malformed":
      return placedError(place, place.codes.answerInvalid, { url: place.url, reason }, options);
    default:
      return failure.kind satisfies never;
  }
};

const shownLocation = (location: string | undefined, base: string): string => {
  if (location === undefined) return "an unnamed place";
  try {
    const { origin, pathname } = new URL(location, base);
    return `${origin}${pathname}`;
  } catch {
    return "an unreadable place";
  }
};

/**
 * The error for a refusing answer whose status means the same for every operation. 401 and 403 are decided elsewhere:
 * what they mean depends on the generation.
 */
export const fromRefusingAnswer = (
  place: InstancePlace,
  request: WireRequest,
  answer: WireAnswer,
  nowMs: number,
): AirfleetError => {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    const location = place.scrub(shownLocation(answer.headers.location, place.url));
    return placedError(place, "INSTANCE_REDIRECTED", { location }, { request });
  }
  if (status === 401) return placedError(place, "INSTANCE_CREDENTIALS_REFUSED", { status }, { request });
  if (status === 403) return placedError(place, "INSTANCE_FORBIDDEN", { status }, { request });
  const said = shownReason(answer, place.scrub);
  const details = { status, reason: said === "" ? "no reason given" : said };
  if (status >= 500 || isRetryableStatus(status)) {
    const waitMs = retryAfterMs(answer.headers.retryAfter, nowMs);
    const retryAfterSeconds = waitMs === null ? undefined : Math.ceil(waitMs / 1_000);
    return placedError(place, place.codes.serverError, details, { request, retryAfterSeconds });
  }
  return placedError(place, place.codes.refused, details, { request });
};

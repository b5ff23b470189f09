import { isAirfleetError } from "@airfleet/model";
import type { AuthHeaders } from "../auth/credentials.ts";
import type { WireAnswer, WireRequest } from "../transport/transport.ts";
import { WireFailure } from "../transport/wire-failure.ts";
import { BreakerOpen } from "./breaker.ts";
import { BulkheadFull } from "./bulkhead.ts";
import { placedError } from "./call-place.ts";
import type { Deadline } from "./deadline.ts";
import { toExchange } from "./exchange-record.ts";
import type { ApiRequest, InstanceHttpParts } from "./instance-http.ts";

/** What one try came to: an answer of any status, or none. `used` are the credentials it went out with. */
export type Outcome<A extends WireAnswer> =
  | { readonly answer: A; readonly used: AuthHeaders; readonly failure?: undefined }
  | { readonly answer?: undefined; readonly failure: WireFailure };

/** An answer that speaks against the instance: an outcome for us, a failure for the breaker. */
class ServerFailed extends Error {
  readonly outcome: Outcome<WireAnswer>;
  readonly status: number;

  constructor(outcome: Outcome<WireAnswer>, status: number) {
    super(`status ${status}`);
    this.outcome = outcome;
    this.status = status;
  }
}

/** Whether an error is the instance's fault. Refusals, full queues and callers who gave up are not. */
export const isInstanceFailure = (error: unknown): boolean =>
  error instanceof ServerFailed ||
  (error instanceof WireFailure && error.kind !== "too_large" && error.kind !== "refused_address") ||
  isAirfleetError(error, "AIRFLOW_SERVER_ERROR", "INSTANCE_SERVER_ERROR");

const shownFailure = (error: unknown): string =>
  error instanceof ServerFailed
    ? `it answered with status ${error.status}`
    : error instanceof WireFailure && error.kind === "aborted"
      ? "it did not answer in time"
      : error instanceof Error
        ? error.message
        : "it failed";

/** One try: credentials, a place in the bulkhead, the request, and the breaker's opinion of it. */
export const createAttempt = (parts: InstanceHttpParts) => {
  const { place, clock, credentials, headers, breaker, bulkhead, onExchange } = parts;
  let lastFailure = "it failed";
  let usualMs = 100;

  const sendOnce = async <A extends WireAnswer>(
    { accept, isAnonymous, isConsidered, ...request }: ApiRequest,
    deadline: Deadline,
    send: (request: WireRequest) => Promise<A>,
  ): Promise<Outcome<A>> => {
    const held = isAnonymous === true ? {} : await credentials.headers(deadline.signal);
    return bulkhead.run(async () => {
      const used = isAnonymous === true ? held : { ...held, ...(await credentials.sign?.(request)) };
      const startedAt = clock.monotonic();
      const at = clock.now();
      let outcome = "failed";
      let answer: A | undefined;
      try {
        answer = await send({
          ...request,
          headers: { accept: accept ?? "application/json", ...headers, ...used },
        });
        outcome = String(answer.status);
        if (answer.status >= 500 && isConsidered?.(answer) !== true)
          throw new ServerFailed({ answer, used }, answer.status);
        return { answer, used };
      } catch (error) {
        if (error instanceof WireFailure) outcome = error.kind;
        throw error;
      } finally {
        const durationMs = clock.monotonic() - startedAt;
        usualMs += (durationMs - usualMs) / 8;
        deadline.onExchange?.(toExchange(request, { at, durationMs, answer, failure: outcome, scrub: place.scrub }));
        onExchange?.({ method: request.method, route: `${request.root}${request.path.template}`, outcome, durationMs });
      }
    }, deadline.signal);
  };

  return async <A extends WireAnswer>(
    request: ApiRequest,
    deadline: Deadline,
    send: (request: WireRequest) => Promise<A>,
  ): Promise<Outcome<A>> => {
    try {
      return await breaker.run(async () => {
        try {
          return await sendOnce(request, deadline, send);
        } catch (error) {
          // The caller's own abort: thrown as its reason, which the breaker does not count.
          if (deadline.signal.aborted && !deadline.isOver()) throw deadline.signal.reason;
          if (isInstanceFailure(error)) lastFailure = shownFailure(error);
          throw error;
        }
      });
    } catch (error) {
      if (error instanceof ServerFailed) return error.outcome as Outcome<A>;
      if (error instanceof WireFailure) return { failure: error };
      if (error instanceof BreakerOpen) {
        const reason = place.scrub(`${lastFailure} (several times, so it is left alone for a while)`);
        const { retryAfterSeconds } = error;
        const details = { url: place.url, reason, sent: false };
        throw placedError(place, "INSTANCE_UNREACHABLE", details, { request, retryAfterSeconds });
      }
      if (error instanceof BulkheadFull) {
        const seconds = Math.max(1, Math.ceil((usualMs * error.waiting) / parts.places / 1_000));
        const details = { queued: error.waiting, retry_after_s: seconds };
        throw placedError(place, "INSTANCE_BUSY", details, { request, retryAfterSeconds: seconds });
      }
      if (deadline.isOver()) return { failure: new WireFailure("aborted", "the call was ended") };
      throw error;
    }
  };
};

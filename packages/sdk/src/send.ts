import { toConnectionError, toTimeoutError } from "./errors.ts";
import { toApiError } from "./read-answer.ts";

/** One request and its answer, for those who want to show or count them. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly headers: Headers | null;
}

/** What every request of a client has in common. */
export interface Sender {
  readonly baseUrl: URL;
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
  readonly onExchange: ((exchange: Exchange) => void) | undefined;
}

/** A request ready to be sent. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: unknown;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends and answers the response of a success. The time limit covers everything up to the headers; a body that arrives
 * bit by bit, such as a followed log, may take as long as it needs.
 *
 * @throws {AirfleetApiError} what the server said
 * @throws {AirfleetConnectionError} SERVER_UNREACHABLE, SERVER_TIMEOUT, NOT_AIRFLEET
 */
export const send = async (sender: Sender, outgoing: Outgoing): Promise<Response> => {
  const { method, url, headers, body, timeoutMs, signal } = outgoing;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  const started = performance.now();
  const report = (response: Response | null): void =>
    sender.onExchange?.({
      method,
      url: url.href,
      status: response?.status ?? null,
      durationMs: performance.now() - started,
      headers: response?.headers ?? null,
    });
  let response: Response;
  try {
    response = await sender.fetch(url, {
      method,
      headers,
      // Our server never redirects; a login page in front of it would.
      redirect: "manual",
      signal: signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    report(null);
    if (limit.signal.aborted) throw toTimeoutError(timeoutMs, method, url);
    // The caller aborted: its own reason is the better answer.
    signal?.throwIfAborted();
    throw toConnectionError(error, url);
  } finally {
    clearTimeout(timer);
  }
  report(response);
  if (!response.ok) throw await toApiError(response, url);
  return response;
};

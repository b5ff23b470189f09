import type { Dispatcher } from "undici";
import { type BodyCollector, createBodyCollector } from "./body-collector.ts";
import { decodeBody } from "./content-encoding.ts";
import type { WireAnswer, WireHeaders } from "./transport.ts";
import { toWireFailure, WireFailure } from "./wire-failure.ts";

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

const single = (headers: RawHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** The headers that we look at, out of all that came. */
export const toWireHeaders = (headers: RawHeaders): WireHeaders => ({
  contentType: single(headers, "content-type") ?? "",
  date: single(headers, "date"),
  retryAfter: single(headers, "retry-after"),
  location: single(headers, "location"),
  awsErrorType: single(headers, "x-amzn-errortype"),
});

/** What a request needs besides the wire: where it ends and how much it may answer. */
export interface ExchangeLimits {
  readonly signal: AbortSignal;
  readonly answerBytes: number;
}

/**
 * One request and its whole answer, straight on undici's dispatch interface: no stream objects, and the one place where
 * a body is collected. The body is always read to its end, else its connection could not be used again.
 */
export const exchange = (
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  { signal, answerBytes }: ExchangeLimits,
): Promise<WireAnswer> =>
  new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: RawHeaders = {};
    let collector: BodyCollector | undefined;
    const fail = (error: unknown): void => {
      signal.removeEventListener("abort", onAbort);
      reject(toWireFailure(error));
    };
    const onAbort = (): void => {
      const failure = new WireFailure("aborted", "the call was ended");
      // A request that still waits for a connection has no controller yet; it is dropped when it gets one.
      controller?.abort(failure);
      fail(failure);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    dispatcher.dispatch(options, {
      onRequestStart: (started) => {
        controller = started;
        if (signal.aborted) started.abort(new WireFailure("aborted", "the call was ended"));
      },
      onResponseStart: (current, statusCode, responseHeaders) => {
        if (statusCode < 200) return;
        status = statusCode;
        headers = responseHeaders;
        const announced = Number(single(headers, "content-length") ?? Number.NaN);
        try {
          collector = createBodyCollector(Number.isSafeInteger(announced) ? announced : undefined, answerBytes);
        } catch (error) {
          current.abort(toWireFailure(error));
        }
      },
      onResponseData: (current, chunk) => {
        try {
          collector?.add(chunk);
        } catch (error) {
          current.abort(toWireFailure(error));
        }
      },
      onResponseEnd: () => {
        signal.removeEventListener("abort", onAbort);
        const bytes = collector?.end() ?? Buffer.alloc(0);
        const encoding = single(headers, "content-encoding");
        const wireHeaders = toWireHeaders(headers);
        if (encoding === undefined) resolve({ status, headers: wireHeaders, bytes });
        else {
          decodeBody(bytes, encoding, answerBytes).then(
            (decoded) => resolve({ status, headers: wireHeaders, bytes: decoded }),
            reject,
          );
        }
      },
      onResponseError: (_current, error) => fail(error),
    });
  });

import type { ApiPath } from "../calls/api-path.ts";
import type { Query } from "../calls/query.ts";

/** One request as it goes out. */
export interface WireRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** What stands before the path: `/api/v1`, `/api/v2`, or nothing. */
  readonly root: string;
  readonly path: ApiPath;
  readonly query?: Query | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** The headers that we look at. */
export interface WireHeaders {
  readonly contentType: string;
  readonly date: string | undefined;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  /** Amazon's name for its own error; only MWAA's door has it. */
  readonly awsErrorType: string | undefined;
}

/** One answer, read to its end. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: WireHeaders;
  readonly bytes: Buffer;
}

/** One answer whose body is still arriving. Iterate it or call `discard`; else its connection is lost. */
export interface WireStream {
  readonly status: number;
  readonly headers: WireHeaders;
  readonly body: AsyncIterable<Uint8Array>;
  discard(): void;
}

/** The way to an instance: sends one request once. Throws a `WireFailure` for everything that is not an answer. */
export interface Transport {
  /** Whether our headers reach the instance; through MWAA's InvokeRestApi they do not. */
  readonly sendsHeaders: boolean;
  send(request: WireRequest, signal: AbortSignal): Promise<WireAnswer>;
  stream(request: WireRequest, signal: AbortSignal): Promise<WireStream>;
  close(): Promise<void>;
}

import type { LookupFunction } from "node:net";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { Agent, request } from "undici";
import { type AddressGuardOptions, createAddressGuard, protocolOf } from "./address-guard.ts";

/** What a receiver answered. */
export interface OutboundAnswer {
  readonly status: number;
  /** Seconds or a date, as sent. */
  readonly retryAfter: string | null;
  /** The beginning of the body: of what is posted at most {@link ANSWER_BYTES}. */
  readonly body: string;
}

/** The one way in which we call somebody who is not an instance. */
export interface OutboundClient {
  /**
   * Posts JSON. Redirects are answers, not followed.
   *
   * @throws {AirfleetError} ADDRESS_REFUSED before anything is sent, and the network's own errors
   */
  post(request: OutboundPost): Promise<OutboundAnswer>;
  /**
   * Reads JSON. Redirects are answers, not followed.
   *
   * @throws {AirfleetError} ADDRESS_REFUSED before anything is sent, and the network's own errors
   */
  get(request: OutboundGet): Promise<OutboundAnswer>;
  /** Whether a URL may be called at all, looking its name up. @throws {AirfleetError} ADDRESS_REFUSED */
  check(url: string): Promise<void>;
  close(): Promise<void>;
}

export interface OutboundPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal?: AbortSignal;
}

export interface OutboundGet {
  readonly url: string;
  /** What is read of the body at most. */
  readonly mostBytes: number;
  readonly signal?: AbortSignal;
}

export interface OutboundOptions extends AddressGuardOptions {
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs?: number;
}

/** The upper end of what Standard Webhooks asks senders to wait is 30 s; its lower end keeps slow receivers cheap. */
const TIMEOUT_MS = 15_000;
/** Kept of an answer, to show what a receiver complained about; the rest is not read. */
const ANSWER_BYTES = 4_096;
/** Connections to one receiver; a hook's own concurrency lies below. */
const CONNECTIONS = 8;

const readStart = async (body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<string> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size >= mostBytes) break;
  }
  return Buffer.concat(parts).subarray(0, mostBytes).toString("utf8").toWellFormed();
};

interface Exchange {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly mostBytes: number;
  readonly signal: AbortSignal | undefined;
}

const headerText = (value: string | string[] | undefined): string | null =>
  Array.isArray(value) ? (value[0] ?? null) : (value ?? null);

/** The refusal of ours that a connection failed with, where that was the reason. */
const refusalIn = (error: unknown): AirfleetError | undefined => {
  if (isAirfleetError(error)) return error;
  if (error instanceof AggregateError) return error.errors.map(refusalIn).find((one) => one !== undefined);
  return error instanceof Error && error.cause !== undefined ? refusalIn(error.cause) : undefined;
};

export const createOutboundClient = ({ timeoutMs = TIMEOUT_MS, ...options }: OutboundOptions): OutboundClient => {
  const guard = createAddressGuard(options);
  const agentWith = (lookup: LookupFunction): Agent =>
    new Agent({
      connections: CONNECTIONS,
      connect: { lookup, timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      // A name is judged anew with each connection, so none lives long.
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 10_000,
    });
  const agents = { "http:": agentWith(guard.lookups["http:"]), "https:": agentWith(guard.lookups["https:"]) };

  const exchange = async (
    url: string,
    { method, headers, body, mostBytes, signal }: Exchange,
  ): Promise<OutboundAnswer> => {
    const target = guard.toUrl(url);
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await request(target, {
        method,
        headers,
        ...(body !== undefined && { body }),
        dispatcher: agents[protocolOf(target)],
        signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
      });
      const retryAfter = headerText(answer.headers["retry-after"]);
      return { status: answer.statusCode, retryAfter, body: await readStart(answer.body, mostBytes) };
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal === undefined) {
        if (!deadline.aborted || signal?.aborted === true) throw error;
        throw new Error(`no whole answer within ${timeoutMs / 1_000} s`, { cause: error });
      }
      throw new AirfleetError("ADDRESS_REFUSED", { url, reason: String(refusal.details["reason"]) }, { cause: error });
    }
  };

  return {
    post: ({ url, headers, body, signal }) =>
      exchange(url, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": "airfleet-webhooks/1", ...headers },
        body,
        mostBytes: ANSWER_BYTES,
        signal,
      }),

    get: ({ url, mostBytes, signal }) =>
      exchange(url, {
        method: "GET",
        headers: { accept: "application/json", "user-agent": "airfleet/1" },
        mostBytes,
        signal,
      }),

    check: (url) => guard.check(url),

    async close() {
      await Promise.all([agents["http:"].destroy(), agents["https:"].destroy()]);
    },
  };
};

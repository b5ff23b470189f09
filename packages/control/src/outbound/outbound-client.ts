import type { LookupFunction } from "node:net";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { Agent, request } from "undici";
import { type AddressGuardOptions, createAddressGuard, protocolOf } from "./address-guard.ts";

/** What a receiver answered. */
export interface OutboundAnswer {
  readonly status: number;
  /** Seconds or a date, as sent. */
  readonly retryAfter: string | null;
  /** The beginning of the body, at most {@link ANSWER_BYTES}. */
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

const readStart = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size >= ANSWER_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, ANSWER_BYTES).toString("utf8").toWellFormed();
};

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

  return {
    async post({ url, headers, body, signal }) {
      const target = guard.toUrl(url);
      const deadline = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await request(target, {
          method: "POST",
          headers: { "content-type": "application/json", "user-agent": "airfleet-webhooks/1", ...headers },
          body,
          dispatcher: agents[protocolOf(target)],
          signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        });
        const retryAfter = headerText(answer.headers["retry-after"]);
        return { status: answer.statusCode, retryAfter, body: await readStart(answer.body) };
      } catch (error) {
        const refusal = refusalIn(error);
        if (refusal === undefined) {
          if (!deadline.aborted || signal?.aborted === true) throw error;
          throw new Error(`no whole answer within ${timeoutMs / 1_000} s`, { cause: error });
        }
        throw new AirfleetError(
          "ADDRESS_REFUSED",
          { url, reason: String(refusal.details["reason"]) },
          { cause: error },
        );
      }
    },

    check: (url) => guard.check(url),

    async close() {
      await Promise.all([agents["http:"].destroy(), agents["https:"].destroy()]);
    },
  };
};

import type { ResolvedInstanceConfig } from "@airfleet/model";
import { type Dispatcher, Pool } from "undici";
import { checkHost, guardedLookup } from "./address-guard.ts";
import { exchange, toWireHeaders } from "./exchange.ts";
import { toBodyText, toTargetText } from "./request-text.ts";
import { toTlsOptions } from "./tls-options.ts";
import type { Transport, WireRequest, WireStream } from "./transport.ts";
import { toWireFailure, WireFailure } from "./wire-failure.ts";

/** A dead host should cost a fifth of the default deadline, not all of it. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Logs are read beside the other calls, so that a slow reader of a long log keeps no place of theirs. */
const STREAM_CONNECTIONS = 8;

export interface DirectTransportOptions {
  readonly config: Pick<ResolvedInstanceConfig, "url" | "tls" | "limits">;
  readonly connections: number;
  /** How long an idle connection is kept: less than the server keeps it, else it breaks under our next request. */
  readonly keepAliveMs: number;
}

/** HTTP to the instance itself. Redirects are never followed; they are answers with status 3xx. */
export const createDirectTransport = ({ config, connections, keepAliveMs }: DirectTransportOptions): Transport => {
  const url = new URL(config.url);
  const base = url.pathname.replace(/\/+$/, "");
  const createPool = (size: number): Pool =>
    new Pool(url.origin, {
      connections: size,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      // A longer time that a server or proxy announces is not believed.
      keepAliveMaxTimeout: keepAliveMs,
      // The deadline of the call is the only clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup, ...toTlsOptions(config.tls) },
    });
  let pool: Pool | undefined;
  let streams: Pool | undefined;
  const open = (kind: "calls" | "streams"): Pool => {
    try {
      checkHost(url);
      if (kind === "calls") return (pool ??= createPool(connections));
      return (streams ??= createPool(STREAM_CONNECTIONS));
    } catch (error) {
      throw error instanceof WireFailure ? error : new WireFailure("tls", describeTlsProblem(error));
    }
  };
  const toOptions = (request: WireRequest): Dispatcher.DispatchOptions => ({
    method: request.method,
    path: `${base}${toTargetText(request)}`,
    headers:
      request.body === undefined
        ? { "accept-encoding": "identity", ...request.headers }
        : { "accept-encoding": "identity", "content-type": "application/json", ...request.headers },
    body: toBodyText(request),
  });
  return {
    sendsHeaders: true,
    send: async (request, signal) =>
      exchange(open("calls"), toOptions(request), { signal, answerBytes: config.limits.answer_bytes }),
    stream: async (request, signal) => openStream(open("streams"), toOptions(request), signal),
    close: async () => {
      await Promise.all([pool?.destroy(), streams?.destroy()]);
    },
  };
};

/** OpenSSL's words about a bad certificate or key; they name the problem, never the material. */
const describeTlsProblem = (error: unknown): string =>
  `the certificate or key in tls cannot be used (${error instanceof Error && "code" in error ? String(error.code) : "malformed PEM"})`;

const openStream = async (
  pool: Pool,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<WireStream> => {
  const toFailure = (error: unknown): WireFailure =>
    signal.aborted ? new WireFailure("aborted", "the call was ended") : toWireFailure(error);
  try {
    const { statusCode, headers, body } = await pool.request({ ...options, signal });
    async function* read(): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of body) yield chunk as Uint8Array;
      } catch (error) {
        throw toFailure(error);
      }
    }
    return {
      status: statusCode,
      headers: toWireHeaders(headers),
      body: read(),
      discard: () => {
        // Without a listener the end that we cause ourselves would be an uncaught error.
        body.on("error", () => undefined);
        body.destroy();
      },
    };
  } catch (error) {
    throw toFailure(error);
  }
};

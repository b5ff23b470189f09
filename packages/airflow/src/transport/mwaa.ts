import {
  checkHost,
  type Clock,
  exchange,
  guardedLookup,
  toQueryPairs,
  toTlsOptions,
  type Transport,
  type WireAnswer,
  WireFailure,
  type WireRequest,
} from "@airfleet/http";
import type { ResolvedInstanceConfig } from "@airfleet/model";
import { Pool } from "undici";
import { createAwsSigner, type MwaaAuth } from "./aws-signer.ts";
import { fromInvokeRestApi } from "./mwaa-answer.ts";

/** MWAA ends a call after 10 s and cuts its answer at 6 MB; a little more for the wrapping. */
const ANSWER_BYTES = 8 * 1_024 * 1_024;
const CONNECTIONS = 8;

const toEndpoint = (auth: MwaaAuth): URL => {
  const suffix = auth.region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const base = auth.endpoint ?? `https://env.airflow.${auth.region}.${suffix}`;
  return new URL(`${base.replace(/\/+$/, "")}/restapi/${encodeURIComponent(auth.environment)}`);
};

/** Repeated parameters become lists, as the API wants them. */
const toQueryDocument = (request: WireRequest): Record<string, string | string[]> => {
  const document: Record<string, string | string[]> = {};
  for (const [key, value] of toQueryPairs(request.query)) {
    const known = document[key];
    document[key] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return document;
};

/**
 * The door of Amazon MWAA: every call is a signed `POST /restapi/{environment}` that names method, path and body. Paths
 * have no `/api/v1` in front (the environment's own version decides), and headers of ours do not reach Airflow, so its
 * logs come as JSON. The signed request goes through the same exchange as all others: one retry layer, ours; AWS's
 * client with its own is not used.
 */
export const createMwaaTransport = (
  config: Pick<ResolvedInstanceConfig, "tls" | "limits">,
  auth: MwaaAuth,
  clock: Clock,
): Transport => {
  const url = toEndpoint(auth);
  const sign = createAwsSigner(auth, clock);
  let pool: Pool | undefined;
  const open = (): Pool => {
    checkHost(url);
    return (pool ??= new Pool(url.origin, {
      connections: CONNECTIONS,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 5_000, lookup: guardedLookup, ...toTlsOptions(config.tls) },
    }));
  };
  const signed = async (body: string): Promise<Record<string, string>> => {
    try {
      return await sign({ url, body });
    } catch (error) {
      // The provider chain's words name what it tried, not the keys.
      throw new WireFailure("connect", "no usable AWS credentials were found", error);
    }
  };
  const send = async (request: WireRequest, signal: AbortSignal): Promise<WireAnswer> => {
    const body = JSON.stringify({
      Path: request.path.text,
      Method: request.method,
      QueryParameters: toQueryDocument(request),
      ...(request.body === undefined ? {} : { Body: request.body }),
    });
    const headers = await signed(body);
    const answerBytes = Math.min(ANSWER_BYTES, config.limits.answer_bytes);
    const answer = await exchange(
      open(),
      { method: "POST", path: url.pathname, headers, body },
      { signal, answerBytes },
    );
    if (answer.status >= 300 && answer.status < 400) return answer;
    return fromInvokeRestApi(answer, answer.headers.awsErrorType?.split(":")[0]);
  };
  return {
    sendsHeaders: false,
    send,
    stream: async (request, signal) => {
      const answer = await send(request, signal);
      async function* body(): AsyncGenerator<Uint8Array> {
        yield answer.bytes;
      }
      return { ...answer, body: body(), discard: () => undefined };
    },
    close: async () => {
      await pool?.destroy();
    },
  };
};

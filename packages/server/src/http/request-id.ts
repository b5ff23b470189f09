import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

const ACCEPTABLE = /^[A-Za-z0-9][A-Za-z0-9_.:+/=-]{0,127}$/;

/** The caller's X-Request-Id when it is a plain word, else one of ours. It stands in the answer, the log and the audit trail. */
export const chooseRequestId = (request: IncomingMessage): string => {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && ACCEPTABLE.test(given) ? given : `req_${randomBytes(12).toString("base64url")}`;
};

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/;

/** Trace and span of a W3C `traceparent` header, for the log; undefined when there is none or it is malformed. */
export const readTraceparent = (
  header: string | string[] | undefined,
): { readonly trace_id: string; readonly span_id: string } | undefined => {
  const [, trace, span] = (typeof header === "string" ? TRACEPARENT.exec(header) : null) ?? [];
  if (trace === undefined || span === undefined || /^0+$/.test(trace) || /^0+$/.test(span)) return undefined;
  return { trace_id: trace, span_id: span };
};

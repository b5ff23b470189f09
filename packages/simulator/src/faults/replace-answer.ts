import { type Answer, HTML_TYPE, html, json } from "../http/answer.ts";
import type { Fault } from "./fault.ts";

const LOGIN_PAGE =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method="post"><input name="username"></form></body></html>';

const statusAnswer = (fault: Extract<Fault, { kind: "status" }>): Answer => {
  const {
    status,
    body = `<html><head><title>${fault.status}</title></head><body><h1>${fault.status}</h1></body></html>`,
  } = fault;
  const base = typeof body === "string" ? html(status, body) : json(status, body);
  const retryAfter = fault.retryAfterSeconds === undefined ? {} : { "retry-after": String(fault.retryAfterSeconds) };
  return { ...base, headers: { ...base.headers, ...retryAfter, ...fault.headers } };
};

const hugeBody = (megabytes: number): string => `{"filler":"${"x".repeat(Math.round(megabytes * 1024 * 1024))}"}`;

/** The answer that a fault gives in place of carrying the request out; undefined for faults of another kind. */
export const replacementOf = (fault: Fault): Answer | undefined => {
  if (fault.kind === "status") return statusAnswer(fault);
  if (fault.kind === "login page") return html(200, LOGIN_PAGE);
  if (fault.kind === "redirect") {
    return { status: 302, headers: { location: fault.location ?? "/login/", "content-type": HTML_TYPE }, body: "" };
  }
  if (fault.kind === "huge json") {
    return { status: 200, headers: { "content-type": "application/json" }, body: hugeBody(fault.megabytes) };
  }
  return undefined;
};

import type { Scrub } from "../scrubber.ts";
import type { WireAnswer } from "../transport/transport.ts";

/** What a refusing answer says. */
export interface Refusal {
  /** One line of text, whatever the form; empty when the body says nothing. */
  readonly reason: string;
  readonly isHtml: boolean;
}

const LONGEST = 500;

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const fromFinding = (finding: unknown): string => {
  if (!isObject(finding)) return String(finding);
  const place = Array.isArray(finding["loc"]) ? finding["loc"].filter((part) => part !== "body").join(".") : "";
  return place === "" ? String(finding["msg"]) : `${place}: ${String(finding["msg"])}`;
};

const fromDetail = (detail: unknown): string => {
  if (typeof detail === "string") return detail;
  if (Array.isArray(detail)) return detail.map(fromFinding).join("; ");
  if (!isObject(detail)) return "";
  // Airflow 3's database refusals: the SQL is hidden, the reason stays.
  return [detail["reason"], detail["message"]].filter((part) => typeof part === "string").join(": ");
};

const fromJson = (body: unknown): string => {
  if (typeof body === "string") return body;
  if (!isObject(body)) return "";
  const { detail, title, error, message } = body;
  const said = fromDetail(detail);
  if (said !== "") return said;
  return [title, error, message].find((part): part is string => typeof part === "string" && part !== "") ?? "";
};

const fromHtml = (html: string): string => {
  const title = /<title[^>]*>([^<]*)</i.exec(html)?.[1] ?? "";
  const heading = /<h1[^>]*>([^<]*)</i.exec(html)?.[1] ?? "";
  const said = [title, heading].map((part) => part.trim()).filter((part) => part !== "");
  return said.length === 0 ? "an HTML page" : `an HTML page (${said.join(": ")})`;
};

/**
 * Reads the reason out of an error answer: Airflow 2's problem+json (with the text in `detail`, or in `title` when that
 * is null), Airflow 3's `detail` as text, object or list, `{"error": …}` of its unknown paths, plain text, or HTML.
 */
export const readRefusal = ({ bytes, headers }: Pick<WireAnswer, "bytes" | "headers">): Refusal => {
  // A cap for what we look at: an error page has its message near the top.
  const text = bytes.subarray(0, 65_536).toString("utf8");
  if (/^\s*<(!doctype|html|head|body)/i.test(text) || headers.contentType.startsWith("text/html")) {
    return { reason: oneLine(fromHtml(text)), isHtml: true };
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return { reason: oneLine(fromJson(parsed)), isHtml: false };
  } catch {
    return { reason: oneLine(text), isHtml: false };
  }
};

/** The reason as an error shows it: scrubbed first and shortened then, so that no secret is cut into a part we do not know. */
export const shownReason = (answer: Pick<WireAnswer, "bytes" | "headers">, scrub: Scrub): string => {
  const reason = scrub(readRefusal(answer).reason);
  return reason.length > LONGEST ? `${reason.slice(0, LONGEST)}…` : reason;
};

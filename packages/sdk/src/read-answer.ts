import type { Problem } from "@airfleet/contract";
import { AirfleetApiError, AirfleetConnectionError, toBrokenAnswer } from "./errors.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isProblem = (value: unknown): value is Problem =>
  isObject(value) &&
  typeof value["code"] === "string" &&
  typeof value["detail"] === "string" &&
  typeof value["status"] === "number";

/** Long enough to recognise a page, short enough for a terminal. */
const EXCERPT = 120;

const toNotAirfleet = (response: Response, url: URL, text: string): AirfleetConnectionError => {
  const type = response.headers.get("content-type") ?? "no type";
  const start = text.slice(0, EXCERPT).replaceAll(/\s+/g, " ").trim();
  return new AirfleetConnectionError(
    "NOT_AIRFLEET",
    `${url.origin}${url.pathname} answered ${response.status} (${type}), which is no answer of Airfleet${start === "" ? "" : `: ${start}`}. Is the server's address right?`,
  );
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const retryAfter = (response: Response): number | undefined => {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
};

/** The error that a failed response means. */
export const toApiError = async (response: Response, url: URL): Promise<Error> => {
  const text = await response.text();
  const body = parseJson(text);
  return isProblem(body) ? new AirfleetApiError(body, retryAfter(response)) : toNotAirfleet(response, url, text);
};

/** The parsed body of a success; `undefined` when there is none. @throws {AirfleetConnectionError} NOT_AIRFLEET */
export const readJson = async (response: Response, url: URL): Promise<unknown> => {
  const text = await response.text();
  if (response.status === 204 || text === "") return undefined;
  const body = parseJson(text);
  // A proxy's login page comes with status 200 as well.
  if (body === undefined) throw toNotAirfleet(response, url, text);
  return body;
};

/**
 * The objects of an NDJSON body as they arrive. Leaving the loop early cancels the request.
 *
 * @throws {AirfleetConnectionError} SERVER_UNREACHABLE when the answer broke off, NOT_AIRFLEET when a line is not JSON.
 */
export async function* readLines(response: Response, url: URL): AsyncGenerator {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  const parse = (line: string): unknown => {
    const value = parseJson(line);
    if (value === undefined) throw toNotAirfleet(response, url, line);
    return value;
  };
  const read = async (): Promise<Awaited<ReturnType<typeof reader.read>>> => {
    try {
      return await reader.read();
    } catch (error) {
      // The caller's own abort is not a broken connection.
      if (error instanceof Error && error.name === "AbortError") throw error;
      throw toBrokenAnswer(error, url);
    }
  };
  try {
    for (;;) {
      const { done, value } = await read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") yield parse(line);
      if (done) break;
    }
    if (rest.trim() !== "") yield parse(rest);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

import { type Deadline, parseAnswer } from "@airfleet/http";
import type { LogRequest } from "@airfleet/engine";
import type { LogLine } from "@airfleet/model";
import { z } from "zod";
import type { Api } from "../api.ts";
import { logRequest, missingLog } from "./log-request.ts";
import { parseHostLogs } from "./python-repr.ts";
import { parseStructuredLine } from "./structured-line.ts";
import { parseTextLine, toLines } from "./text-line.ts";
import { whyNoLog, whyNoStructuredLog } from "./unavailable.ts";

const Page = z.object({ content: z.unknown(), continuation_token: z.string().nullish() });

/** One piece of a log. */
export interface LogPage {
  readonly lines: readonly LogLine[];
  /** To be handed back for what comes after; null at the end of the log (Airflow 3 only: 2 always has one). */
  readonly token: string | null;
  /** Why there is no log, when the answer says so. */
  readonly absence: string | null;
}

/** The text of an Airflow 2 `content`: host names are dropped, several hosts' parts follow each other. */
export const hostLogsText = (content: unknown): string => {
  if (typeof content !== "string") return "";
  const logs = parseHostLogs(content);
  return logs === null ? content : logs.map(({ text }) => text).join("\n");
};

/** Reads the next piece of a log as JSON. @throws LOG_UNAVAILABLE, TASK_UNKNOWN */
export const readLogPage = async (
  api: Api,
  request: LogRequest,
  { token, isWhole }: { readonly token: string | null; readonly isWhole: boolean },
  deadline: Deadline,
): Promise<LogPage> => {
  const wire = logRequest(api, request, { isWhole, ...(token === null ? {} : { token }) });
  const answer = await api.http.call(wire, deadline);
  if (answer.status === 404) throw await missingLog(api, request, deadline);
  const { content, continuation_token } = parseAnswer(api.http, wire, answer, Page);
  const next = continuation_token ?? null;
  if (api.dialect.generation === 3 && Array.isArray(content)) {
    const lines = content.flatMap(parseStructuredLine);
    const isHeaderOnly = lines.every(({ at }) => at === null);
    return { lines, token: next, absence: isHeaderOnly ? whyNoStructuredLog(lines.map(({ text }) => text)) : null };
  }
  const text = hostLogsText(content);
  // A piece under a token begins with the line break that ends the piece before it.
  const texts = toLines(token === null ? text : text.replace(/^\r?\n/, ""));
  return { lines: texts.map(parseTextLine), token: next, absence: whyNoLog(texts) };
};

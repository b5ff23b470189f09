import { type Deadline, parseAnswer } from "@airfleet/http";
import type { LogRequest, NativeRead } from "@airfleet/engine";
import { z } from "zod";
import type { Api } from "../api.ts";
import { hostLogsText } from "../logs/log-page.ts";
import { logRequest, missingLog } from "../logs/log-request.ts";
import { parseStructuredLine } from "../logs/structured-line.ts";

const Page = z.object({ content: z.unknown(), continuation_token: z.string().nullish() });

/** What both generations answer for a log here. */
interface NativeLog {
  readonly content: string;
  readonly continuation_token: string | null;
}

/** A structured entry as a line of text: `[time] level - event`, as Airflow 2's own format has it. */
const toTextLines = (entry: unknown): string[] =>
  parseStructuredLine(entry).map(({ at, level, source, text }) => {
    const head = [at === null ? "" : `[${at}]`, source === null ? "" : `{${source}}`, level?.toUpperCase() ?? ""];
    const shown = head.filter((part) => part !== "").join(" ");
    return shown === "" ? text : `${shown} - ${text}`;
  });

/**
 * The log as `{content, continuation_token}` with `content` as one readable text, on both generations: Airflow 2 sends
 * Python's print of a list there, Airflow 3 a list of objects.
 */
export const readNativeLog = async (
  api: Api,
  { task, tryNumber }: Extract<NativeRead, { kind: "log" }>,
  deadline: Deadline,
): Promise<NativeLog> => {
  const request: LogRequest = { ...task, tryNumber };
  const wire = logRequest(api, request, { isWhole: true });
  const answer = await api.http.call(wire, deadline);
  if (answer.status === 404) throw await missingLog(api, request, deadline);
  const { content, continuation_token } = parseAnswer(api.http, wire, answer, Page);
  const text = Array.isArray(content) ? `${content.flatMap(toTextLines).join("\n")}\n` : hostLogsText(content);
  return { content: text, continuation_token: continuation_token ?? null };
};

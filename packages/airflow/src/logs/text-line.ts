import { LOG_LEVELS, type LogLevel, type LogLine } from "@airfleet/model";
import { toInstant } from "../instant.ts";

const LEVELS: ReadonlySet<string> = new Set(LOG_LEVELS);

/** A level's name in our list; other words (`notset`, `trace`, `exception`) by what they come nearest to. */
export const toLogLevel = (word: string | null | undefined): LogLevel | null => {
  const level = (word ?? "").toLowerCase();
  if (LEVELS.has(level)) return level as LogLevel;
  if (level === "warn") return "warning";
  if (level === "fatal") return "critical";
  return level === "exception" ? "error" : null;
};

/** `[2026-11-20T12:23:43.511+0000] {taskinstance.py:2632} INFO - text`; the first two parts may be missing. */
const LINE = /^(?:\[(\d{4}-\d{2}-\d{2}T[\d:.,]+[+-]\d{2}:?\d{2})\] )?(?:\{([^}]{1,200})\} )? ?([A-Z]{4,8}) - (.*)$/s;

/** One line of an Airflow 2 log. A line that is not in its format (a traceback, a print with line breaks) is text. */
export const parseTextLine = (line: string): LogLine => {
  const match = LINE.exec(line);
  const level = toLogLevel(match?.[3]);
  if (match === null || level === null) return { at: null, level: null, source: null, text: line };
  const [, time, source, , text = ""] = match;
  return {
    at: time === undefined ? null : toInstant(time.replace(/([+-]\d{2})(\d{2})$/, "$1:$2")),
    level,
    source: source ?? null,
    text,
  };
};

/** A longer line is cut into several: one without an end must not fill the memory. */
const LONGEST_LINE = 1_048_576;

/** Cuts a text that arrives in pieces into its lines. UTF-8 always, whatever the content type says or leaves out. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
    while (rest.length > LONGEST_LINE) {
      yield rest.slice(0, LONGEST_LINE);
      rest = rest.slice(LONGEST_LINE);
    }
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

/** Cuts a whole text into its lines, without the empty one after the last line break. */
export const toLines = (text: string): string[] => {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

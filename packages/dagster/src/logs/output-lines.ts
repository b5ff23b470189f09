import type { LogLine } from "@airfleet/model";

/** What Dagster itself writes to stderr of a step's process: it is in the event log, with its level and its time. */
const OWN = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} [+-]\d{4} - dagster - [A-Z]+ - /;

/** Turns text that comes in pieces into lines. */
export const createLineCutter = (source: "stdout" | "stderr") => {
  let rest = "";
  const toLine = (text: string): LogLine => ({ at: null, level: null, source, text });
  const isWanted = (text: string): boolean => source === "stdout" || !OWN.test(text);
  return {
    take: (text: string): LogLine[] => {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      return lines.filter(isWanted).map((line) => toLine(line.endsWith("\r") ? line.slice(0, -1) : line));
    },
    end: (): LogLine[] => {
      const last = rest;
      rest = "";
      return last === "" || !isWanted(last) ? [] : [toLine(last)];
    },
  };
};

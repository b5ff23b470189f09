import type { LogLevel } from "@airfleet/model";

/** The numbers by which journald and others read the level of a printed line: `<4>` in front means a warning. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  "0": "critical",
  "1": "critical",
  "2": "critical",
  "3": "error",
  "4": "warning",
  "5": "info",
  "6": "info",
  "7": "debug",
};

/** A printed line apart from the level in front of it; info where there is none. */
export const splitLevel = (line: string): { readonly level: LogLevel; readonly text: string } => {
  const match = /^<([0-7])>/.exec(line);
  return match === null
    ? { level: "info", text: line }
    : { level: LEVELS[match[1] ?? ""] ?? "info", text: line.slice(match[0].length) };
};

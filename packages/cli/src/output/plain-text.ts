import { stripVTControlCharacters } from "node:util";

// oxlint's no-control-regex would flag a literal class; control characters are exactly what is looked for here.
const CONTROLS = new RegExp(String.raw`[\u0000-\u001F\u007F-\u009F]`, "g");

/** Text of others in one line: a DAG's name must not be able to move the cursor or to write into the title bar. */
export const toPlainLine = (text: string): string => stripVTControlCharacters(text).replaceAll(CONTROLS, " ");

const SGR = new RegExp(String.raw`\u001B\[[0-9;:]*m`, "g");
const ESCAPES = new RegExp(
  [
    String.raw`\u001B\][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)?`, // OSC: titles, links, clipboard
    String.raw`\u001B[PX^_][^\u001B\u009C]*(?:\u001B\\|\u009C)?`, // DCS, SOS, PM, APC
    String.raw`(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]?`, // CSI
    String.raw`\u001B[ -/]*[0-~]?`, // the other two- and three-character sequences
  ].join("|"),
  "g",
);
const OTHER_CONTROLS = new RegExp(String.raw`[\u0000-\u0008\u000B-\u001A\u001C-\u001F\u007F-\u009F]`, "g");
const RESET = "\u001B[0m";

const strip = (text: string): string => text.replaceAll(ESCAPES, "").replaceAll(OTHER_CONTROLS, "");

/**
 * A line of a task's log as a terminal may show it. What tasks print is hostile: of all control sequences only colours
 * and weights (SGR) are left, and a line that sets one is closed by a reset, so that it cannot paint what follows.
 */
export const toSafeLogLine = (text: string, keepColours: boolean): string => {
  if (!keepColours) return strip(text.replaceAll(SGR, "")).replaceAll("\u001B", "");
  const colours = text.match(SGR) ?? [];
  if (colours.length === 0) return strip(text).replaceAll("\u001B", "");
  const parts = text.split(SGR).map((part) => strip(part).replaceAll("\u001B", ""));
  return `${parts.map((part, index) => part + (colours[index] ?? "")).join("")}${RESET}`;
};

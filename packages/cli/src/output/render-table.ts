import type { Column, Tone } from "./listing.ts";
import { toPlainLine } from "./plain-text.ts";

const SGR: Readonly<Record<Tone, string>> = {
  good: "32",
  bad: "31",
  warning: "33",
  busy: "36",
  faint: "2",
  plain: "",
};

/** Paints a text for a terminal. */
export const paint = (text: string, tone: Tone): string =>
  SGR[tone] === "" ? text : `\u001B[${SGR[tone]}m${text}\u001B[0m`;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
// East Asian wide characters and emoji take two cells of a terminal.
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u;
const ASCII = /^[ -~]*$/;

const widthOf = (text: string): number => {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
};

/** The text of a cell; what is not set is a dash, so that columns can be counted. */
export const toCell = (value: string | number | boolean | null | undefined): string => {
  if (value === null || value === undefined || value === "") return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return toPlainLine(String(value));
};

const GAP = "  ";
/** A longer cell pushes its own row to the right, and not every row. */
const WIDEST = 80;

/** Rows as aligned columns with a header. */
export const renderTable = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { hasColour }: { readonly hasColour: boolean },
): string => {
  const cells = rows.map((row) => columns.map((column) => toCell(column.text(row))));
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.header), ...cells.map((line) => Math.min(WIDEST, widthOf(line[index] ?? "")))),
  );
  const align = (text: string, index: number, tone: Tone): string => {
    const space = " ".repeat(Math.max(0, (widths[index] ?? 0) - widthOf(text)));
    const shown = hasColour ? paint(text, tone) : text;
    if (columns[index]?.alignRight === true) return space + shown;
    return index === columns.length - 1 ? shown : shown + space;
  };
  const header = columns.map((column, index) => align(column.header, index, "faint")).join(GAP);
  const body = cells.map((line, at) =>
    line
      .map((text, index) => {
        const row = rows[at];
        const tone = row === undefined ? undefined : columns[index]?.tone?.(row);
        return align(text, index, tone ?? "plain");
      })
      .join(GAP),
  );
  return [header, ...body].map((line) => `${line.trimEnd()}\n`).join("");
};

import type { Column } from "./listing.ts";

const NUMBER = /^-?\d+(\.\d+)?$/;
/** Spreadsheets read a cell that begins so as a formula, and a DAG's author chooses what is in it. */
const FORMULA = /^[=+\-@\t\r]/;

const quote = (value: string | number | boolean | null | undefined): string => {
  const text = value === null || value === undefined ? "" : String(value);
  const guarded = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
};

/** Rows as RFC 4180 with a header line; lines end in \n, as shells like it. */
export const renderCsv = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string =>
  [
    columns.map((column) => quote(column.header.toLowerCase().replaceAll(" ", "_"))),
    ...rows.map((row) => columns.map((column) => quote(column.text(row)))),
  ]
    .map((cells) => `${cells.join(",")}\n`)
    .join("");

import type { Column, Listing, OutputFormat } from "./listing.ts";
import { renderCsv } from "./render-csv.ts";
import { renderTable, toCell } from "./render-table.ts";

/** Where a command prints: data on stdout in the wanted form, everything else on stderr. */
export interface Output {
  readonly format: OutputFormat;
  /** Whether stdout may be coloured. */
  readonly hasColour: boolean;
  /** Prints rows. An empty list says so on stderr and prints no table. */
  list<Row>(listing: Listing<Row>): Promise<void>;
  /** Prints one thing: its fields as lines for people, the whole of it for machines. */
  show<Row>(thing: Row, fields: readonly Column<Row>[], name: string): Promise<void>;
  /** Prints text as it is. */
  text(text: string): void;
  /** A remark for people; silent with `--quiet`. */
  note(text: string): void;
  /** A remark that is shown even with `--quiet`: something is not as it should be. */
  warn(text: string): void;
}

export interface OutputOptions {
  readonly format: OutputFormat;
  readonly isQuiet: boolean;
  readonly hasColour: boolean;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const toYaml = async (value: unknown): Promise<string> => {
  const { stringify } = await import("yaml");
  return stringify(value, { lineWidth: 0 });
};

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export const createOutput = ({ format, isQuiet, hasColour, stdout, stderr }: OutputOptions): Output => {
  const print = (text: string): void => void stdout.write(text);
  const note = (text: string): void => {
    if (!isQuiet) stderr.write(`${text}\n`);
  };
  return {
    format,
    hasColour,
    async list({ columns, rows, nameOf, toValue = (row) => row, whenEmpty }) {
      switch (format) {
        case "table":
        case "wide":
          if (rows.length === 0) note(["Nothing found.", whenEmpty].filter((part) => part !== undefined).join(" "));
          else
            print(
              renderTable(
                columns.filter((column) => format === "wide" || column.isWide !== true),
                rows,
                { hasColour },
              ),
            );
          return;
        case "json":
          print(toJson(rows.map(toValue)));
          return;
        case "yaml":
          print(await toYaml(rows.map(toValue)));
          return;
        case "jsonl":
          print(rows.map((row) => `${JSON.stringify(toValue(row))}\n`).join(""));
          return;
        case "csv":
          print(renderCsv(columns, rows));
          return;
        case "name":
          print(rows.map((row) => `${nameOf(row)}\n`).join(""));
          return;
        default:
          format satisfies never;
      }
    },
    async show(thing, fields, name) {
      switch (format) {
        case "table":
        case "wide": {
          const width = Math.max(...fields.map(({ header }) => header.length));
          print(
            fields.map(({ header, text }) => `${`${header}:`.padEnd(width + 1)} ${toCell(text(thing))}\n`).join(""),
          );
          return;
        }
        case "json":
          print(toJson(thing));
          return;
        case "yaml":
          print(await toYaml(thing));
          return;
        case "jsonl":
          print(`${JSON.stringify(thing)}\n`);
          return;
        case "csv":
          print(renderCsv(fields, [thing]));
          return;
        case "name":
          print(`${name}\n`);
          return;
        default:
          format satisfies never;
      }
    },
    text: print,
    note,
    warn: (text) => void stderr.write(`${text}\n`),
  };
};

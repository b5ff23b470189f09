import type { ColumnPart, EachColumn, SqlText, TableReference } from "@airfleet/model";
import { StepRefusal } from "../step-trouble.ts";
import { quoteName } from "./quote.ts";

/** Columns of each input, by its name. */
export type InputColumns = Readonly<Record<string, TableReference["columns"]>>;

const columnsOf = (inputs: InputColumns, name: string): TableReference["columns"] => {
  const columns = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  if (columns === undefined) throw new StepRefusal(`The step has no input "${name}".`);
  return columns;
};

const namesOf = (inputs: InputColumns, name: string): ReadonlySet<string> =>
  new Set(columnsOf(inputs, name).map((column) => column.name));

/** The columns that a part is written for. */
const chosen = (part: EachColumn, inputs: InputColumns): readonly string[] => {
  const columns = columnsOf(inputs, part.input);
  if (part.only !== undefined) {
    const known = new Set(columns.map(({ name }) => name));
    const missing = part.only.find((name) => !known.has(name));
    if (missing !== undefined) {
      throw new StepRefusal(`The input has no column "${missing}". It has: ${[...known].toSorted().join(", ")}.`);
    }
    return part.only;
  }
  const { types, except = [], alsoIn, notIn } = part;
  const also = alsoIn === undefined ? undefined : namesOf(inputs, alsoIn);
  const not = notIn === undefined ? undefined : namesOf(inputs, notIn);
  return columns
    .filter(({ type }) => types === undefined || types.some((begin) => type.startsWith(begin)))
    .map(({ name }) => name)
    .filter((name) => !except.includes(name) && also?.has(name) !== false && not?.has(name) !== true);
};

const toPiece = (piece: string | ColumnPart, name: string): string => {
  if (typeof piece === "string") return piece;
  if (piece.column === "lower_name") return quoteName(name.toLowerCase());
  return quoteName("suffix" in piece ? `${name}${piece.suffix}` : name);
};

const repeat = (part: EachColumn, inputs: InputColumns): string => {
  const names = chosen(part, inputs);
  if (names.length === 0) return part.none;
  const written = names.map((name) => part.each.map((piece) => toPiece(piece, name)).join("")).join(part.join);
  const [before, behind] = part.around ?? ["", ""];
  return `${before}${written}${behind}`;
};

/** A plan's statement, written out for inputs of these columns. */
export const writeStatement = (sql: SqlText, inputs: InputColumns): string =>
  sql.parts.map((part) => (typeof part === "string" ? part : repeat(part, inputs))).join("");

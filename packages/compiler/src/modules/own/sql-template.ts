import { placeAfter, type SqlPlace } from "../../params/bind-references.ts";
import { quoteName, quoteText } from "../../sql/quote.ts";

/** Thrown for a template that could be made to say something else than its author wrote; the message says why. */
export class TemplateRefused extends Error {
  override readonly name = "TemplateRefused";
}

/** A template in pieces: its own text, and fields of the config between. */
export interface SqlTemplate {
  /** Fields that it names, each once. */
  readonly fields: readonly string[];
  /**
   * The statement with the values of a config: texts quoted, lists as lists, columns as quoted names.
   *
   * @throws {TemplateRefused} for a value that cannot stand where it is named
   */
  fill(config: Readonly<Record<string, unknown>>): string;
}

interface Reference {
  readonly field: string;
  readonly isColumn: boolean;
}

const REFERENCE = /\{\{\s*(column\s+)?config\.([A-Za-z_][A-Za-z0-9_]{0,99})\s*\}\}/g;
/** In braces, and neither a field nor a parameter. */
const FOREIGN = /\{\{(?!\s*params\.[A-Za-z_][A-Za-z0-9_]{0,99}\s*\}\})[^}]*\}?\}?|\{%|\{#/;
/** Where texts end in other ways than by a quotation mark: what is inside could not be told from what is outside. */
const OTHER_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\$[A-Za-z_0-9]*\$/, "texts between $$"],
  [/(^|[^A-Za-z0-9_])[eE]'/, "texts of the form e'…'"],
  [/\/\*(?:(?!\*\/)[^])*\/\*/, "remarks within remarks"],
];

const toLiteral = (value: unknown, field: string): string => {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return quoteText(value);
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => toLiteral(item, field)).join(", ")}]`;
  throw new TemplateRefused(`config.${field} is an object; a template takes texts, numbers, flags and lists of them`);
};

const toColumns = (value: unknown, field: string): string => {
  const names = Array.isArray(value) ? value : [value];
  if (names.length === 0 || !names.every((name) => typeof name === "string" && name !== "")) {
    throw new TemplateRefused(`config.${field} names no column`);
  }
  return names.map((name) => quoteName(String(name))).join(", ");
};

/**
 * Reads a template of SQL. There is no way for a config to become text of the statement: `{{ config.x }}` is a quoted
 * literal, `{{ column config.x }}` a quoted name, and neither may stand within quotes or a remark.
 *
 * @throws {TemplateRefused}
 */
export const parseSqlTemplate = (text: string): SqlTemplate => {
  const pieces: (string | Reference)[] = [];
  let place: SqlPlace = "code";
  let from = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const before = text.slice(from, match.index);
    place = placeAfter(before, place);
    if (place !== "code")
      throw new TemplateRefused(`${match[0]} stands within quotes or a remark; it brings its own quotes`);
    pieces.push(before, { field: match[2] ?? "", isColumn: match[1] !== undefined });
    from = match.index + match[0].length;
  }
  pieces.push(text.slice(from));
  for (const piece of pieces) {
    const foreign = typeof piece === "string" ? FOREIGN.exec(piece)?.[0] : undefined;
    if (foreign === undefined) continue;
    throw new TemplateRefused(
      `${foreign.slice(0, 60)} is none of {{ config.x }}, {{ column config.x }} and {{ params.x }}`,
    );
  }
  for (const [pattern, what] of OTHER_TEXTS) {
    if (pieces.length > 1 && pattern.test(text))
      throw new TemplateRefused(`${what} cannot be used beside {{ config.x }}`);
  }
  const references = pieces.filter((piece) => typeof piece === "object");
  return {
    fields: [...new Set(references.map(({ field }) => field))],
    fill: (config) =>
      pieces
        .map((piece) => {
          if (typeof piece === "string") return piece;
          const value = config[piece.field];
          return piece.isColumn ? toColumns(value, piece.field) : toLiteral(value, piece.field);
        })
        .join(""),
  };
};

import pg from "pg";
import { type Params, paramOf } from "../params.ts";
import { StepRefusal } from "../step-trouble.ts";

/** Texts, names, comments and dollar quotes, in which nothing is a reference; and references. */
const TOKENS =
  /[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_][A-Za-z0-9_]*)?\$[\s\S]*?\$\1\$|\$p_([A-Za-z0-9_]+)/g;

const toLiteral = (value: unknown, name: string): string => {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return pg.escapeLiteral(value);
  // In parentheses: behind another minus a negative number would begin a comment.
  if (typeof value === "number") return `(${value})`;
  if (typeof value === "boolean") return String(value);
  const kind = Array.isArray(value) ? "list" : "mapping";
  throw new StepRefusal(`The parameter "${name}" is a ${kind}; PostgreSQL gets texts, numbers and flags.`);
};

/**
 * A query with its parameters written as literals by the driver: COPY, which is by far the quickest way out, binds none.
 * A literal is a value wherever it stands, like a bound one.
 */
export const bindLiterals = (query: string, names: readonly string[], params: Params): string => {
  const known = new Set(names);
  return query.replaceAll(TOKENS, (token: string, _tag: unknown, name: string | undefined) =>
    name !== undefined && known.has(name) ? toLiteral(paramOf(params, name), name) : token,
  );
};

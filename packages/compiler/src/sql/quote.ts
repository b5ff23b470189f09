import { MisplacedParam } from "../params/bind-references.ts";
import { paramsIn } from "../params/param-references.ts";

/**
 * A name as DuckDB reads it: whatever it holds, it is one column or table.
 *
 * @throws {MisplacedParam} when it holds a reference: a parameter is a value and cannot name anything
 */
export const quoteName = (name: string): string => {
  const [param] = paramsIn(name);
  if (param !== undefined) throw new MisplacedParam(param);
  return `"${name.replaceAll('"', '""')}"`;
};

export const quoteNames = (names: readonly string[]): string => names.map(quoteName).join(", ");

/** A text as a literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

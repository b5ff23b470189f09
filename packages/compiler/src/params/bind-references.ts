import { splitAtReferences } from "./param-references.ts";

/** Where in a statement a reference stands. */
export type SqlPlace = "code" | "literal" | "identifier" | "comment" | "remark";

/** The place at the end of a piece of SQL that began in `place`. Doubled quotes end and begin again, which comes to the same. */
export const placeAfter = (sql: string, place: SqlPlace): SqlPlace => {
  let now = place;
  for (let index = 0; index < sql.length; index += 1) {
    const two = sql.slice(index, index + 2);
    const one = sql[index];
    switch (now) {
      case "code":
        if (one === "'") now = "literal";
        else if (one === '"') now = "identifier";
        else if (two === "--") now = "comment";
        else if (two === "/*") now = "remark";
        break;
      case "literal":
        if (one === "'") now = "code";
        break;
      case "identifier":
        if (one === '"') now = "code";
        break;
      case "comment":
        if (one === "\n") now = "code";
        break;
      case "remark":
        if (two === "*/") now = "code";
        break;
      default:
        now satisfies never;
    }
  }
  return now;
};

/** Thrown for a reference where no value can stand; the message goes into a finding. */
export class MisplacedParam extends Error {
  readonly param: string;
  constructor(param: string) {
    super(
      `{{ params.${param} }} stands inside a quoted name. A parameter is a value; it cannot name a column or a table.`,
    );
    this.name = "MisplacedParam";
    this.param = param;
  }
}

/** SQL with `$p_x` in the place of each reference to `x`. */
export interface BoundSql {
  readonly text: string;
  readonly params: readonly string[];
}

/**
 * SQL of a user with its references bound. In code a reference becomes `$p_x`; within a quoted text the text is cut
 * around it, so that `'a{{ params.x }}b'` means `'a' || x || 'b'`.
 *
 * @throws {MisplacedParam} for a reference in a quoted name
 */
export const bindReferences = (sql: string): BoundSql => {
  let text = "";
  let place: SqlPlace = "code";
  const params = new Set<string>();
  for (const part of splitAtReferences(sql)) {
    if (typeof part === "string") {
      text += part;
      place = placeAfter(part, place);
      continue;
    }
    switch (place) {
      case "code":
        text += `$p_${part.param}`;
        break;
      case "literal":
        text += `' || cast($p_${part.param} as varchar) || '`;
        break;
      case "comment":
      case "remark":
        continue;
      case "identifier":
        throw new MisplacedParam(part.param);
      default:
        place satisfies never;
    }
    params.add(part.param);
  }
  return { text, params: [...params] };
};

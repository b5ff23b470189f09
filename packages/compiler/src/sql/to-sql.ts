import { bindReferences } from "../params/bind-references.ts";
import type { EachColumn, SqlText } from "@airfleet/model";

/** A piece of a statement: ours, a user's, or one that is repeated for columns. */
export type SqlPart = string | { readonly user: string } | EachColumn;

/** What a user wrote inside a statement of ours: on lines of its own, so that a comment at its end swallows nothing. */
export const user = (sql: string | number | boolean): { readonly user: string } => ({ user: `\n${sql}\n` });

/**
 * A statement from its pieces, the references of users bound.
 *
 * @throws {MisplacedParam} for a reference where no value can stand
 */
export const toSql = (...pieces: readonly SqlPart[]): SqlText => {
  const params = new Set<string>();
  const parts: (string | EachColumn)[] = [];
  const add = (text: string): void => {
    const last = parts.at(-1);
    if (typeof last === "string") parts[parts.length - 1] = last + text;
    else parts.push(text);
  };
  for (const piece of pieces) {
    if (typeof piece === "string") add(piece);
    else if ("user" in piece) {
      const bound = bindReferences(piece.user);
      for (const name of bound.params) params.add(name);
      add(bound.text);
    } else parts.push(piece);
  }
  return { parts, params: [...params] };
};

/**
 * A selector picks targets: `instance=eu-* tag=tier1 state=failed !later_success`.
 *
 * Glossary: a *term* is one condition, and all terms of a selector must hold. `key=a,b` holds when one of the values
 * fits, `key!=a,b` when none does; in the values of names `*` stands for any text. A *flag* (`paused`, `!paused`) has no
 * value. A *comparison* (`duration>10m`, `due>=2026-11-20T00:00:00Z`) has one. Values with blanks, commas or quotes go into
 * double quotes, where a backslash keeps the next character as it is. A *scope* says what is picked: instances, DAGs
 * of instances, or runs; a key that says nothing about the scope is refused.
 */
export const SELECTOR_SCOPES = ["instances", "dags", "runs"] as const;
export type SelectorScope = (typeof SELECTOR_SCOPES)[number];

export const SELECTOR_OPERATORS = ["!=", ">=", "<=", "=", ">", "<"] as const;
export type SelectorOperator = (typeof SELECTOR_OPERATORS)[number];

/** One condition: a key compared with values, or a flag that is set or not. */
export type SelectorTerm =
  | {
      readonly kind: "values";
      /** As in the table of keys. */
      readonly key: string;
      /** What follows the dot of `label.<name>` and `conf.<key>`; null for all other keys. */
      readonly name: string | null;
      readonly operator: SelectorOperator;
      /** At least one; exactly one after a comparison. */
      readonly values: readonly string[];
    }
  | { readonly kind: "flag"; readonly key: string; readonly wanted: boolean };

export interface Selector {
  readonly scope: SelectorScope;
  /** At least one. */
  readonly terms: readonly SelectorTerm[];
}

/** Longest selector that is read, in characters. */
export const SELECTOR_LIMIT = 4_000;

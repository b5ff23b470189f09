import { AirfleetError } from "../errors/airfleet-error.ts";
import { SELECTOR_OPERATORS, type SelectorOperator } from "./selector.ts";

/** A value as written. A star in quotes is no less a star, but shows that somebody meant the text. */
export interface WrittenValue {
  readonly text: string;
  readonly quoted: boolean;
}

/** A term as written, before its key is known to exist. */
export interface WrittenTerm {
  /** Counted from 1, as people count. */
  readonly position: number;
  readonly text: string;
  readonly negated: boolean;
  readonly key: string;
  readonly name: string | null;
  /** Null for a flag. */
  readonly operator: SelectorOperator | null;
  readonly values: readonly WrittenValue[];
}

/** @throws always {AirfleetError} SELECTOR_INVALID */
export const refuseTerm = (
  { position, text }: Pick<WrittenTerm, "position" | "text">,
  reason: string,
  hint: string,
): never => {
  throw new AirfleetError("SELECTOR_INVALID", { position, term: text.slice(0, 200), reason, hint });
};

const KEY = /[A-Za-z_]+/y;
const BARE_NAME = /[^\s,"=!<>]+/y;
const BARE_VALUE = /[^\s,"]+/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;
const BLANKS = /\s+/y;

/** Reads the text from left to right; each pattern is tried where the last one ended, so nothing is read twice. */
const createReader = (text: string) => {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at += found[0].length;
    return found;
  };
  const takeText = (bare: RegExp): WrittenValue | undefined => {
    const quoted = take(QUOTED)?.[1];
    if (quoted !== undefined) return { text: quoted.replace(/\\([\s\S])/g, "$1"), quoted: true };
    const plain = take(bare)?.[0];
    return plain === undefined ? undefined : { text: plain, quoted: false };
  };
  const takeWord = <Word extends string>(words: readonly Word[]): Word | undefined => {
    const found = words.find((word) => text.startsWith(word, at));
    if (found !== undefined) at += found.length;
    return found;
  };
  return { take, takeText, takeWord, at: () => at, done: () => at >= text.length };
};

/** The terms of a selector in order. @throws {AirfleetError} SELECTOR_INVALID with the place of the first that is none */
export const readTerms = (text: string): readonly WrittenTerm[] => {
  const reader = createReader(text);
  const terms: WrittenTerm[] = [];
  reader.take(BLANKS);
  while (!reader.done()) {
    const start = reader.at();
    const fail = (reason: string, hint: string): never => {
      const blank = text.slice(reader.at()).search(/\s/);
      const end = blank === -1 ? text.length : reader.at() + blank;
      return refuseTerm({ position: start + 1, text: text.slice(start, end) }, reason, hint);
    };
    const negated = reader.takeWord(["!"]) !== undefined;
    const key = reader.take(KEY)?.[0] ?? fail("a term begins with a key", "Write key=value, !flag or flag.");
    const name = reader.takeWord(["."]) === undefined ? null : reader.takeText(BARE_NAME);
    if (name === undefined) return fail("a name must follow the dot", `Write ${key}.<name>=value.`);
    const operator = reader.takeWord(SELECTOR_OPERATORS) ?? null;
    const values: WrittenValue[] = [];
    if (operator !== null) {
      do {
        const value = reader.takeText(BARE_VALUE);
        if (value === undefined) {
          return fail("a value is missing", `Write ${key}${operator}value; quotes must be closed.`);
        }
        values.push(value);
      } while (reader.takeWord([","]) !== undefined);
    }
    if (!reader.done() && reader.take(BLANKS) === null) {
      return fail(
        "the term does not end here",
        'Put a blank between terms, and values with blanks or commas into "…".',
      );
    }
    const written = text.slice(start, reader.at()).trimEnd();
    terms.push({ position: start + 1, text: written, negated, key, name: name?.text ?? null, operator, values });
  }
  return terms;
};

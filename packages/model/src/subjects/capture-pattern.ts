/**
 * Takes parts out of a DAG or run id: `cinco__{ark}__*`. `{name}` stands for one or more characters that get this name,
 * `*` for any number that do not matter; everything else stands for itself. A part ends where the text behind it first
 * comes, so a pattern reads its text once whatever it holds. There are no regular expressions: a bad one can take for ever.
 */
export interface CapturePattern {
  readonly names: readonly string[];
  /** What the names stand for in this text; null when the text is not of this form. */
  capture(text: string): Readonly<Record<string, string>> | null;
}

type Gap = { readonly name: string | null };

/** What is wrong with a pattern, in words for the person who wrote it. */
export class CapturePatternMistake extends Error {}

const PIECES = /\{([^{}]*)\}|\*|[{}]/g;
const NAME = /^[a-z][a-z0-9_]{0,31}$/;
/** More parts than any id has. */
const MAX_PARTS = 16;

const split = (pattern: string): { readonly texts: string[]; readonly gaps: Gap[] } => {
  const texts: string[] = [];
  const gaps: Gap[] = [];
  let from = 0;
  for (const found of pattern.matchAll(PIECES)) {
    const [piece, name] = found;
    if (piece === "{" || piece === "}") throw new CapturePatternMistake(`has a lone "${piece}"`);
    if (name !== undefined && !NAME.test(name)) {
      throw new CapturePatternMistake(`names a part "${name}"; a name is lower-case letters, digits and _`);
    }
    texts.push(pattern.slice(from, found.index));
    gaps.push({ name: name ?? null });
    from = found.index + piece.length;
  }
  texts.push(pattern.slice(from));
  return { texts, gaps };
};

/** @throws {CapturePatternMistake} */
export const parseCapturePattern = (pattern: string): CapturePattern => {
  const { texts, gaps } = split(pattern);
  const names = gaps.flatMap(({ name }) => (name === null ? [] : [name]));
  if (names.length === 0) throw new CapturePatternMistake("names no part: write {name} where the part stands");
  if (new Set(names).size < names.length) throw new CapturePatternMistake("names two parts alike");
  if (gaps.length > MAX_PARTS) throw new CapturePatternMistake(`has more than ${MAX_PARTS} parts`);
  if (texts.slice(1, -1).includes("")) {
    throw new CapturePatternMistake("has two parts with nothing between them, so nobody can tell where one ends");
  }
  const [first = ""] = texts;
  const last = texts.at(-1) ?? "";

  return {
    names,
    capture(text) {
      const end = text.length - last.length;
      if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return null;
      const captured: Record<string, string> = {};
      let from = first.length;
      for (const [index, { name }] of gaps.entries()) {
        const least = from + (name === null ? 0 : 1);
        const behind = texts[index + 1] ?? "";
        const found = index === gaps.length - 1 ? end : text.indexOf(behind, least);
        if (found < least || found > end) return null;
        if (name !== null) captured[name] = text.slice(from, found);
        from = found + behind.length;
      }
      return captured;
    },
  };
};

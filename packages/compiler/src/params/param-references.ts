/** `{{ params.x }}`, the one form in which a run's parameter may stand in a pipeline. */
const REFERENCE = /\{\{\s*params\.([A-Za-z_][A-Za-z0-9_]{0,99})\s*\}\}/g;

/** Looks like a reference and is none: another expression, which nothing here would evaluate. */
const LOOKALIKE = /\{\{.*?\}\}|\{%.*?%\}/s;

/** A text in parts: as it is written, and parameters between. */
export type TextPart = string | { readonly param: string };

/** Splits a text at its references. A text without one has one part, or none when it is empty. */
export const splitAtReferences = (text: string): readonly TextPart[] => {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(REFERENCE)) {
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push({ param: match[1] ?? "" });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
};

/** The name of the parameter when the text is a reference and nothing else. */
export const wholeReference = (text: string): string | undefined => {
  const parts = splitAtReferences(text.trim());
  const [only] = parts;
  return parts.length === 1 && typeof only === "object" ? only.param : undefined;
};

/** An expression between braces that is not a reference; undefined when there is none. */
export const foreignExpression = (text: string): string | undefined => {
  const rest = splitAtReferences(text).filter((part) => typeof part === "string");
  return rest.map((part) => LOOKALIKE.exec(part)?.[0]).find((found) => found !== undefined);
};

/** Names of all parameters in a JSON value, each once, in the order in which they appear. */
export const paramsIn = (value: unknown): readonly string[] => {
  const names = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part === "string") {
      for (const piece of splitAtReferences(part)) if (typeof piece === "object") names.add(piece.param);
    } else if (Array.isArray(part)) part.forEach(visit);
    else if (typeof part === "object" && part !== null) Object.values(part).forEach(visit);
  };
  visit(value);
  return [...names];
};

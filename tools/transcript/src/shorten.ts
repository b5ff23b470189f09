/** More of a list than this tells a reader nothing new. */
const ROWS = 2;
const CHARACTERS = 400;

/** A JSON value as a page can show it: long lists and texts are cut, and say how much is missing. */
export const shorten = (value: unknown): unknown => {
  if (typeof value === "string") {
    return value.length > CHARACTERS ? `${value.slice(0, CHARACTERS)}… (${value.length} characters)` : value;
  }
  if (Array.isArray(value)) {
    const rest = value.length - ROWS;
    return [...value.slice(0, ROWS).map(shorten), ...(rest > 0 ? [`… ${rest} more`] : [])];
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shorten(inner)]));
};

/** The body of an answer for a fenced block; what is no JSON stays as it is. */
export const presentBody = (body: string): string => {
  try {
    return JSON.stringify(shorten(JSON.parse(body)), null, 2);
  } catch {
    return body;
  }
};

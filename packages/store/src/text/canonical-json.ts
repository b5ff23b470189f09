/**
 * JSON with the keys of every object in order of their UTF-16 code units, so that equal values give equal text (the
 * idea of RFC 8785). Values that JSON has no word for are left out, as by `JSON.stringify`.
 */
export const toCanonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner);
    entries.sort(([left], [right]) => (left < right ? -1 : 1));
    return Object.fromEntries(entries);
  });

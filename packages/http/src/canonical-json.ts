/**
 * JSON with keys in code-point order, so that two values are equal exactly when their texts are. Keys whose value is
 * undefined are left out, as in JSON itself.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item === undefined ? null : item)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  // What JSON.stringify itself would do first: dates become their text.
  if ("toJSON" in value && typeof value.toJSON === "function") return canonicalJson(JSON.parse(JSON.stringify(value)));
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(",")}}`;
};

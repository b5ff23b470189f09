/** JSON with the keys of objects in their order by code unit: equal values have equal texts. */
export const toCanonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
        )
      : part,
  );

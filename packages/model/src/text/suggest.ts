/** How many characters must be put in, taken out or changed to get from one text to the other. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of from.split("").entries()) {
    const next = [i + 1];
    for (const [j, other] of to.split("").entries()) {
      const swap = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

/** The allowed word that somebody may have meant: at most a third of its letters differ. */
export const suggest = (given: string, allowed: readonly string[]): string | undefined => {
  // A key of thousands of letters is no slip of the finger.
  if (given.length > 64) return undefined;
  const folded = given.toLowerCase().replaceAll("-", "_");
  const ranked = allowed
    .map((word) => ({ word, edits: distance(folded, word.toLowerCase()) }))
    .filter(({ word, edits }) => edits <= Math.max(1, Math.floor(word.length / 3)))
    .sort((left, right) => left.edits - right.edits);
  return ranked[0]?.word;
};

/** `did you mean "port"?`, or what is allowed. */
export const suggestOrList = (given: string, allowed: readonly string[]): string => {
  const meant = suggest(given, allowed);
  return meant === undefined ? `allowed: ${allowed.join(", ")}` : `did you mean "${meant}"?`;
};

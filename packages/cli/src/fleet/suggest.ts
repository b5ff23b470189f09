/** How many characters must be put in, taken out, changed or swapped to get from one text to the other. */
const distance = (from: string, to: string): number => {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      let best = Math.min(change, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1);
      }
      current[j] = best;
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
};

/** The known text that was most likely meant, when one is near enough: a third of it may be wrong. */
export const suggest = (given: string, known: readonly string[]): string | undefined => {
  const folded = given.toLowerCase();
  const ranked = known
    .map((text) => ({ text, away: distance(folded, text.toLowerCase()) }))
    .filter(({ text, away }) => away <= Math.max(1, Math.floor(Math.max(text.length, given.length) / 3)))
    .toSorted((a, b) => a.away - b.away);
  return ranked[0]?.text;
};

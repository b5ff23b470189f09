/**
 * Whether a text matches a glob as a whole, in one pass: each piece between stars is taken where it comes first, so no
 * pattern, however many stars it has, takes more than the product of the two lengths. A regular expression would.
 */
export const matchesGlob = (glob: string, text: string): boolean => {
  const [first = "", ...rest] = glob.split("*");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, from);
    if (found === -1 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
};

/**
 * How long to wait after so many failures in a row: full jitter over an exponential ceiling, but never less than half
 * of it, so that a dead instance is not asked at once again by bad luck.
 *
 * @param failures 1 after the first failure.
 */
export const backOffMs = (
  failures: number,
  { firstMs, capMs, random }: { readonly firstMs: number; readonly capMs: number; readonly random: () => number },
): number => {
  const ceiling = Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
};

/** How long a caller is willing to wait for a write, in milliseconds. */
export const DEFAULT_WAIT_MS = 25_000;
/** Longer than this no answer is held back: proxies and clients give up after 30 s. */
const LONGEST_WAIT_MS = 25_000;

/**
 * Reads RFC 7240's `Prefer`: `wait=N` in seconds, capped at 25; `respond-async` means not to wait at all. Anything else
 * is ignored, as the RFC asks.
 */
export const readPreferredWaitMs = (header: string | string[] | undefined): number => {
  const preferences = [header ?? []]
    .flat()
    .join(",")
    .split(",")
    .map((part) => part.trim().toLowerCase());
  const wait = preferences
    .map((part) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(part)?.[1])
    .find((seconds) => seconds !== undefined);
  if (wait !== undefined) return Math.min(Number(wait) * 1_000, LONGEST_WAIT_MS);
  return preferences.includes("respond-async") ? 0 : DEFAULT_WAIT_MS;
};

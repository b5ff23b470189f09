/** How long a caller is willing to wait for a write, in milliseconds. */
export const DEFAULT_WAIT_MS = 25_000;
/** Longer than this no answer is held back: proxies and clients give up after 30 s. */
const LONGEST_WAIT_MS = 25_000;

/** What a caller says about waiting for a write. */
export interface Preference {
  /** How long to hold the answer back, in milliseconds; 0 for not at all. */
  readonly waitMs: number;
  /** The caller said how to wait, and so follows the write after an answer of 202. */
  readonly follows: boolean;
}

/**
 * Reads RFC 7240's `Prefer`: `wait=N` in seconds, capped at 25; `respond-async` means not to wait at all. Anything else
 * is ignored, as the RFC asks.
 */
export const readPreference = (header: string | string[] | undefined): Preference => {
  const preferences = [header ?? []]
    .flat()
    .join(",")
    .split(",")
    .map((part) => part.trim().toLowerCase());
  const wait = preferences
    .map((part) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(part)?.[1])
    .find((seconds) => seconds !== undefined);
  if (wait !== undefined) return { waitMs: Math.min(Number(wait) * 1_000, LONGEST_WAIT_MS), follows: true };
  if (preferences.includes("respond-async")) return { waitMs: 0, follows: true };
  return { waitMs: DEFAULT_WAIT_MS, follows: false };
};

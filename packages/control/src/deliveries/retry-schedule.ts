/**
 * What Standard Webhooks 1.0 recommends: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h,
 * which makes some three days in all.
 */
const DELAYS_MS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map((seconds) => seconds * 1_000);

/** Tries until a delivery is dead. */
export const TRIES = DELAYS_MS.length + 1;
/** A receiver may ask for more time, but not for ever. */
const RETRY_AFTER_CAP_MS = 86_400_000;
/** Spreads what failed together. */
const JITTER = 0.1;

/**
 * Milliseconds until the next try, or undefined when this was the last.
 *
 * @param triesLeft Before this try, so {@link TRIES} at the first.
 * @param retryAfterMs What the receiver asked for.
 */
export const nextTryInMs = (
  triesLeft: number,
  { retryAfterMs = 0, random }: { readonly retryAfterMs?: number; readonly random: () => number },
): number | undefined => {
  if (triesLeft <= 1) return undefined;
  const planned = DELAYS_MS[Math.max(0, TRIES - triesLeft)] ?? 0;
  return Math.round(Math.max(planned * (1 + JITTER * random()), Math.min(retryAfterMs, RETRY_AFTER_CAP_MS)));
};

/** `Retry-After` in milliseconds from now: seconds, or a date (RFC 9110). */
export const readRetryAfter = (text: string | null, now: number): number | undefined => {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};

/** Further tries after the first. */
export const MAX_RETRIES = 2;
const BASE_MS = 100;
const CAP_MS = 2_000;
/** Longest Retry-After that we believe; a server asking for an hour means "not in this call". */
const RETRY_AFTER_CAP_MS = 60_000;

const RETRYABLE = new Set([408, 425, 429, 502, 503, 504]);

/** Whether a status says "not now" rather than "no". */
export const isRetryableStatus = (status: number): boolean => RETRYABLE.has(status);

/** Full jitter: anything between nothing and 100 ms · 2^retry, at most 2 s, so that clients do not come back together. */
export const backoffMs = (retry: number, random: () => number): number =>
  random() * Math.min(CAP_MS, BASE_MS * 2 ** retry);

/** `Retry-After` in milliseconds, from seconds or an HTTP date, at most a minute; null when there is none. */
export const retryAfterMs = (header: string | undefined, nowMs: number): number | null => {
  if (header === undefined) return null;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? null : Math.min(RETRY_AFTER_CAP_MS, Math.max(0, waitMs));
};

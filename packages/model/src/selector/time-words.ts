const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const SPAN = /^(?:\d{1,9}(?:\.\d{1,3})?[smhdw])+$/;
const PART = /(\d+(?:\.\d+)?)([smhdw])/g;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** `90s`, `10m`, `1h30m`, `7d`, `2w` in milliseconds; undefined for anything else. */
export const readSpan = (text: string): number | undefined => {
  if (!SPAN.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(PART)) totalMs += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return Math.round(totalMs);
};

/**
 * A point in time in epoch milliseconds: RFC 3339 with a zone, or a span, which is that long before now. Undefined for
 * anything else: a date without a zone means another moment to every reader.
 */
export const readMoment = (text: string, now: number): number | undefined => {
  const agoMs = readSpan(text);
  if (agoMs !== undefined) return now - agoMs;
  if (!INSTANT.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
};

/** Epoch milliseconds as RFC 3339. */
export const toInstant = (epochMs: number): string => new Date(epochMs).toISOString();

/** The same where there may be none. */
export const toInstantOrNull = (epochMs: number | null): string | null =>
  epochMs === null ? null : toInstant(epochMs);

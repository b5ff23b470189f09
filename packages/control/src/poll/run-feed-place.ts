/** Where the reading of changed runs goes on: at a time, or within a walk over many pages. */
export interface RunFeedPlace {
  /** The instance's own clock, RFC 3339; null before the first reading. */
  readonly since: string | null;
  /** The page that is next, when the last reading did not come to the end. */
  readonly next: string | null;
  /** What `since` will be once the end is reached. */
  readonly pending: string | null;
}

export const atRest = (since: string | null): RunFeedPlace => ({ since, next: null, pending: null });

/** As it is kept. A time alone is a place at rest. */
export const toWatermark = (place: RunFeedPlace): string | null =>
  place.next === null ? place.since : JSON.stringify([place.since, place.next, place.pending]);

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === "string";

/** Reads it back. What nobody can read is a first reading: it finds everything that a lost watermark would have. */
export const fromWatermark = (watermark: string | null): RunFeedPlace => {
  if (watermark === null || !watermark.startsWith("[")) return atRest(watermark);
  try {
    const parts: unknown = JSON.parse(watermark);
    if (!Array.isArray(parts)) return atRest(null);
    const [since, next, pending]: readonly unknown[] = parts;
    return isTextOrNull(since) && isTextOrNull(next) && isTextOrNull(pending) ? { since, next, pending } : atRest(null);
  } catch {
    return atRest(null);
  }
};

/**
 * JSON of a value that somebody else made. V8 cannot write what is nested some thousand levels deep; then `fallback` is
 * written instead, since one such value must not stop the reading of everything else.
 */
export const toBoundedJson = (value: unknown, fallback: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return JSON.stringify(fallback);
    throw error;
  }
};

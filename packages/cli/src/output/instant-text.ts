/** A point in time for people: RFC 3339 in UTC to the second. */
export const toSecondsText = (instant: string | null | undefined): string | null =>
  instant === null || instant === undefined ? null : instant.replace(/\.\d+(?=Z|[+-])/, "");

/** A length of time for people: 0.4s, 12s, 3m05s, 2h10m. */
export const toDurationText = (seconds: number | null): string | null => {
  if (seconds === null) return null;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, "0")}s`;
  return `${Math.floor(whole / 3_600)}h${String(Math.floor((whole % 3_600) / 60)).padStart(2, "0")}m`;
};

import type { Instant } from "@airfleet/model";

/** Dagster's seconds since the epoch as our text, microseconds kept. */
export const toInstant = (seconds: number): Instant => {
  const micros = Math.round(seconds * 1_000_000);
  const whole = Math.floor(micros / 1_000_000);
  const fraction = String(micros - whole * 1_000_000).padStart(6, "0");
  return `${new Date(whole * 1_000).toISOString().slice(0, 19)}.${fraction}Z`;
};

export const toInstantOrNull = (seconds: number | null | undefined): Instant | null =>
  seconds === null || seconds === undefined ? null : toInstant(seconds);

/** The other way round, for filters. */
export const toSeconds = (instant: Instant): number => Date.parse(instant) / 1_000;

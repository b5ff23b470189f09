import type { Words } from "../words/words.ts";

const MINUTE_S = 60;
const DAY_S = 86_400;

/** A length of time in as few signs as say enough: `4 s`, `18 min`, `1 h 42`, `3 days`. */
export const toAge = (seconds: number, { ages }: Pick<Words, "ages">): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 100) return ages.seconds(whole);
  if (whole < 100 * MINUTE_S) return ages.minutes(Math.round(whole / MINUTE_S));
  if (whole < 2 * DAY_S) {
    const minutes = Math.round(whole / MINUTE_S);
    return ages.hours(Math.floor(minutes / 60), minutes % 60);
  }
  return ages.days(Math.round(whole / DAY_S));
};

/** Seconds between an instant and now; infinite for one that never was. */
export const secondsSince = (instant: string | null, now: number): number =>
  instant === null ? Number.POSITIVE_INFINITY : (now - Date.parse(instant)) / 1_000;

/** How one speaks of the time since an instant. */
export const ageOf = (instant: string | null, now: number, words: Pick<Words, "ages">): string =>
  instant === null ? words.ages.never : toAge(secondsSince(instant, now), words);

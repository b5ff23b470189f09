import type { Instant } from "@airfleet/model";

const PATTERN = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * A time as an engine wrote it, in one form: UTC, `Z`, microseconds kept. Airflow 2 writes `+00:00`, Airflow 3 `Z`; a
 * text without zone is UTC, as everything in Airflow's database is. What is no time at all is handed back as it is, so
 * that a strange value is seen rather than lost.
 */
export const toInstant = (text: string): Instant => {
  if (text.endsWith("Z")) return text;
  if (text.endsWith("+00:00")) return `${text.slice(0, -6).replace(" ", "T")}Z`;
  const match = PATTERN.exec(text);
  if (match === null) return text;
  const [, day, time, fraction, zone = "Z"] = match;
  const utc = new Date(`${day}T${time}${zone}`);
  if (Number.isNaN(utc.getTime())) return text;
  return `${utc.toISOString().slice(0, 19)}${fraction === undefined ? "" : `.${fraction}`}Z`;
};

export const toInstantOrNull = (text: string | null | undefined): Instant | null =>
  text === null || text === undefined || text === "" ? null : toInstant(text);

/** Second and microseconds, in digits that can be compared. */
const toParts = (text: string): string => {
  const [whole = "", fraction = ""] = toInstant(text).slice(0, -1).split(".");
  return `${whole}.${fraction.slice(0, 6).padEnd(6, "0")}`;
};

/** Whether two texts name the same time, to the microsecond, however their zone and digits are written. */
export const isSameInstant = (first: Instant, second: Instant): boolean => toParts(first) === toParts(second);

/** Whether a text is a date with time and zone, the only kind both generations accept. */
export const isZonedInstant = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text) &&
  !Number.isNaN(Date.parse(text));

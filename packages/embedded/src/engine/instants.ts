import { AirfleetError, type Instant } from "@airfleet/model";

/** A point in time as the database keeps it: microseconds since 1970, what a logical date may carry. Exact up to the year 2255. */
export type Micros = number;

const PATTERN = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/;

/** @throws {AirfleetError} LOGICAL_DATE_INVALID for a text that names no moment for sure */
export const toMicros = (value: Instant): Micros => {
  const match = PATTERN.exec(value);
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1] ?? ""}${match[3] ?? ""}`);
  if (Number.isNaN(seconds)) throw new AirfleetError("LOGICAL_DATE_INVALID", { value });
  return seconds * 1_000 + Number((match?.[2] ?? "").slice(0, 6).padEnd(6, "0"));
};

/** UTC, ending in `Z`, with as many digits as it takes. */
export const fromMicros = (micros: Micros): Instant => {
  const rest = ((micros % 1_000) + 1_000) % 1_000;
  const text = new Date((micros - rest) / 1_000).toISOString();
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
};

export const fromMicrosOrNull = (micros: Micros | null): Instant | null =>
  micros === null ? null : fromMicros(micros);

/** The date in the id of a scheduled run, as Python's `isoformat` writes it. */
export const toIsoformat = (micros: Micros): string => {
  const text = fromMicros(micros).slice(0, -1);
  const [whole = "", fraction = ""] = text.split(".");
  return `${whole}${Number(fraction) === 0 ? "" : `.${fraction.padEnd(6, "0")}`}+00:00`;
};

/** What the engine takes for the present, in milliseconds; tests have their own. */
export type Now = () => number;

/** A point in time in microseconds since 1970, UTC: the precision in which Airflow keeps and shows its dates. */
export type Micros = number;

export const SECOND: Micros = 1_000_000;

const pad = (value: number, width: number): string => String(value).padStart(width, "0");

const parts = (at: Micros): { readonly text: string; readonly fraction: number } => {
  const seconds = Math.floor(at / SECOND);
  return { text: new Date(seconds * 1000).toISOString().slice(0, 19), fraction: at - seconds * SECOND };
};

const withFraction = (at: Micros): string => {
  const { text, fraction } = parts(at);
  return fraction === 0 ? text : `${text}.${pad(fraction, 6)}`;
};

/** As Airflow 2's API writes it: `2026-11-20T12:20:06.847847+00:00`, without a fraction when it is zero. */
export const toOffsetDate = (at: Micros): string => `${withFraction(at)}+00:00`;

/** As Airflow 3's API writes it: `2026-11-20T12:20:06.847847Z`. */
export const toZuluDate = (at: Micros): string => `${withFraction(at)}Z`;

/** As Python prints a datetime: `2026-03-01 00:00:00.177206+00:00`. */
export const toPythonDate = (at: Micros): string => toOffsetDate(at).replace("T", " ");

/** Always with six digits, as log lines and some headers of Airflow 3 have it. */
export const toLogDate = (at: Micros): string => {
  const { text, fraction } = parts(at);
  return `${text}.${pad(fraction, 6)}Z`;
};

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+ -]\d{2}:?\d{2})?)?$/;

/** What a date text turned out to be; `naive` ones have no time zone, and both generations refuse them. */
export type ParsedDate = { readonly kind: "aware" | "naive"; readonly at: Micros } | { readonly kind: "invalid" };

const offsetMinutes = (zone: string): number => {
  if (zone === "Z" || zone === "z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  const digits = zone.slice(1).replace(":", "");
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2)));
};

/** Reads an ISO 8601 date to the microsecond. A space in place of the `+` of an offset is what an unescaped query makes of it. */
export const parseDate = (text: string): ParsedDate => {
  const match = DATE.exec(text);
  if (match === null) return { kind: "invalid" };
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = match;
  const milliseconds = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  if (Number.isNaN(milliseconds) || Number(month) > 12 || Number(day) > 31 || Number(hour) > 23)
    return { kind: "invalid" };
  const local = milliseconds * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
  if (zone === undefined) return { kind: "naive", at: local };
  return { kind: "aware", at: local - offsetMinutes(zone) * 60 * SECOND };
};

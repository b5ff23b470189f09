import { ExperimentalRefusal } from "./refusal.ts";

/** A point in time with microseconds, as Airflow keeps it: RFC 3339 in UTC with six digits, ending in `Z`. */
export type ExecutionDate = string;

const DATE = /^(\d{4})-?(\d{2})-?(\d{2})$/;
const TIME = /^(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?$/;
const ZONE = /(?:Z|([+-])(\d{2}):?(\d{2})?)$/i;

/** Minutes east of UTC. A date without a zone is meant in UTC. */
const readZone = (zone: RegExpExecArray | null): number => {
  const [, sign, hours, minutes] = zone ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0));
};

/** Reads ISO 8601 as the original's clients write it. Undefined for what is no date. */
const read = (text: string): ExecutionDate | undefined => {
  const [day = "", ...rest] = text.trim().split(/[T\s]/i);
  const date = DATE.exec(day);
  if (date === null || rest.length > 2) return undefined;
  // A time and its zone may be apart, and a `+` that was not encoded arrives as a space.
  const [first = "", second] = rest;
  const clock = second === undefined ? first : /^[+-]|^Z$/i.test(second) ? `${first}${second}` : `${first}+${second}`;
  const zone = ZONE.exec(clock);
  const time = TIME.exec(clock === "" ? "00:00" : clock.slice(0, zone?.index ?? clock.length));
  if (time === null) return undefined;
  const [year, month, dayOfMonth] = date.slice(1).map(Number) as [number, number, number];
  const [hours, minutes, seconds] = time.slice(1, 4).map((part) => Number(part ?? 0)) as [number, number, number];
  const epoch = Date.UTC(year, month - 1, dayOfMonth, hours, minutes, seconds);
  const whole = new Date(epoch);
  const isReal =
    whole.getUTCMonth() === month - 1 &&
    whole.getUTCDate() === dayOfMonth &&
    hours < 24 &&
    minutes < 60 &&
    seconds < 60;
  if (!isReal) return undefined;
  const micros = (time[4] ?? "").padEnd(6, "0").slice(0, 6);
  return `${new Date(epoch - readZone(zone) * 60_000).toISOString().slice(0, 19)}.${micros}Z`;
};

/**
 * Reads an execution date.
 *
 * @throws {ExperimentalRefusal} in the original's words
 */
export const parseExecutionDate = (value: unknown): ExecutionDate => {
  const date = typeof value === "string" ? read(value) : undefined;
  if (date !== undefined) return date;
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  throw new ExperimentalRefusal(
    400,
    `Given execution date, ${shown}, could not be identified as a date. Example date format: 2015-11-16T14:34:15+00:00`,
  );
};

/** A time. @param micros Microseconds beyond the milliseconds, less than 1,000. */
export const executionDateNow = (epochMs: number, micros = 0): ExecutionDate =>
  `${new Date(epochMs).toISOString().slice(0, -1)}${String(micros).padStart(3, "0")}Z`;

export const withoutMicroseconds = (date: ExecutionDate): ExecutionDate => date.replace(/\.\d+Z$/, ".000000Z");

/** As Python's `isoformat()` writes it; what Airflow answered may have fewer digits. */
export const toIsoFormat = (instant: string): string => {
  const [, seconds = "", fraction = ""] = /^(.{19})(?:\.(\d+))?/.exec(instant) ?? [];
  const micros = fraction.padEnd(6, "0").slice(0, 6);
  return `${seconds}${micros === "000000" ? "" : `.${micros}`}+00:00`;
};

/** As Python's `str()` writes it. */
export const toPythonText = (instant: string): string => toIsoFormat(instant).replace("T", " ");

import { AirfleetError } from "../errors/airfleet-error.ts";
import type { RunId } from "../ids.ts";
import { checkNewRunId } from "../run-id-rules.ts";

/**
 * The moment as Python's `isoformat` writes it in UTC, microseconds included: what the fifth seed appends to a prefix.
 *
 * @param atMs Epoch milliseconds, with a fraction.
 */
export const toMicrosecondText = (atMs: number): string => {
  // In whole microseconds: a difference of fractions would lose the last digit.
  const atMicros = Math.round(atMs * 1_000);
  const micros = atMicros % 1_000;
  const text = new Date((atMicros - micros) / 1_000).toISOString();
  return `${text.slice(0, -1)}${String(micros).padStart(3, "0")}+00:00`;
};

/**
 * A run id that begins with words of the caller: `<prefix>__<UTC ISO time of the intent>`, as the fifth seed's
 * (`cinco__ark:/…` for one object, `cinco__bulk` for many). `mark` keeps ids of one key together and apart from others.
 *
 * @throws {AirfleetError} RUN_ID_INVALID when the prefix has characters that the engines refuse
 */
export const toPrefixedRunId = (
  prefix: string,
  { atMs, mark }: { readonly atMs: number; readonly mark?: string },
): RunId => {
  if (prefix.includes("/")) {
    const reason = 'it begins with a prefix that has a slash; "map_slashes": true writes slashes as colons';
    throw new AirfleetError("RUN_ID_INVALID", { run_id: prefix, reason });
  }
  return checkNewRunId(`${prefix}__${toMicrosecondText(atMs)}${mark === undefined ? "" : `__${mark}`}`);
};

/** Ids such as `ark:/13030/x` have slashes, which no run id may have: the fifth seed writes colons instead. */
export const slashesToColons = (prefix: string): string => prefix.replaceAll("/", ":");

import { AirfleetError } from "@airfleet/model";

/** `since=7d` must mean the same on every page, so the first page's time goes along. */
export const toSelectedCursor = (now: number, inner: string): string => `${now.toString(36)}.${inner}`;

/** `now`: of the first page, or the present. @throws {AirfleetError} CURSOR_INVALID */
export const fromSelectedCursor = (
  cursor: string | undefined,
  now: number,
): { now: number; after: string | undefined } => {
  if (cursor === undefined) return { now, after: undefined };
  const [, time = "", after] = /^([0-9a-z]{1,10})\.(.+)$/.exec(cursor) ?? [];
  if (after === undefined) throw new AirfleetError("CURSOR_INVALID", {});
  return { now: Number.parseInt(time, 36), after };
};

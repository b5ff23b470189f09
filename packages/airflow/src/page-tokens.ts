import { AirfleetError } from "@airfleet/model";

/** Where the next page starts: after so many rows, or at the engine's own cursor. */
export type PageStart =
  | { readonly kind: "offset"; readonly offset: number }
  | { readonly kind: "cursor"; readonly cursor: string };

/** `next` of a page as callers hold it. */
export const toPageToken = (start: PageStart): string =>
  start.kind === "offset" ? `o${start.offset}` : `c${start.cursor}`;

/** Reads it back; null is the first page. @throws CURSOR_INVALID */
export const fromPageToken = (token: string | undefined): PageStart | null => {
  if (token === undefined) return null;
  if (token.startsWith("c") && token.length > 1) return { kind: "cursor", cursor: token.slice(1) };
  const offset = /^o(\d{1,15})$/.exec(token)?.[1];
  if (offset === undefined) throw new AirfleetError("CURSOR_INVALID");
  return { kind: "offset", offset: Number(offset) };
};

/** Offset of a page of a list that knows no cursors. @throws CURSOR_INVALID */
export const toOffset = (token: string | undefined): number => {
  const start = fromPageToken(token);
  if (start === null) return 0;
  if (start.kind === "cursor") throw new AirfleetError("CURSOR_INVALID");
  return start.offset;
};

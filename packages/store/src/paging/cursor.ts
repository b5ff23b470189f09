import { createHash } from "node:crypto";
import { AirfleetError } from "@airfleet/model";
import { toCanonicalJson } from "../text/canonical-json.ts";

/** What the last row of a page is found again by. */
export type CursorKey = readonly (string | number)[];

/** One page of a list; `next` is null at the end. */
export interface StorePage<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

const VERSION = 1;

const fingerprint = (list: string, query: unknown): string =>
  createHash("sha256")
    .update(`${list}\n${toCanonicalJson(query)}`)
    .digest("base64url")
    .slice(0, 8);

/** Text that continues `list` after the row with this key, for the same query only. */
export const toCursor = (list: string, query: unknown, key: CursorKey): string =>
  Buffer.from(JSON.stringify([VERSION, fingerprint(list, query), ...key])).toString("base64url");

const invalid = (cause?: unknown): AirfleetError => new AirfleetError("CURSOR_INVALID", {}, { cause });

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch (error) {
    throw invalid(error);
  }
};

/**
 * The key in a cursor.
 *
 * @param types What each part of the key is.
 * @throws {AirfleetError} CURSOR_INVALID when it was not made by `toCursor` for this list and query.
 */
export const fromCursor = (
  list: string,
  query: unknown,
  types: readonly ("string" | "number")[],
  cursor: string,
): CursorKey => {
  const parts = parse(cursor);
  if (!Array.isArray(parts) || parts.length !== types.length + 2) throw invalid();
  const [version, print, ...key] = parts as unknown[];
  if (version !== VERSION || print !== fingerprint(list, query)) throw invalid();
  if (!key.every((part, index) => typeof part === types[index])) throw invalid();
  return key as CursorKey;
};

/** Cuts `limit + 1` fetched rows down to a page and says where it goes on. */
export const toPage = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  options: { readonly item: (row: Row) => Item; readonly cursor: (last: Row) => string },
): StorePage<Item> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(options.item),
    next: rows.length > limit && last !== undefined ? options.cursor(last) : null,
  };
};

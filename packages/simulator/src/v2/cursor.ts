import { refuse } from "./detail.ts";
import { type Ordering, type PageRequest, slice, sortBy, type SortValue } from "./query.ts";

interface Position {
  readonly direction: "next" | "previous";
  readonly values: readonly SortValue[];
}

/** Airflow 3.3 counts no further than this in cursor mode. */
const COUNT_LIMIT = 50_000;

const encode = (position: Position): string =>
  Buffer.from(JSON.stringify([position.direction === "next" ? 1 : 0, ...position.values])).toString("base64url");

const isSortValue = (value: unknown): value is SortValue =>
  value === null || typeof value === "string" || typeof value === "number";

const decode = (token: string, width: number): Position => {
  try {
    const [direction, ...values] = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as unknown[];
    if ((direction === 0 || direction === 1) && values.length === width && values.every(isSortValue)) {
      return { direction: direction === 1 ? "next" : "previous", values };
    }
  } catch {
    // Falls through to the refusal.
  }
  return refuse(400, "Invalid cursor token");
};

/** One page of a list that can be walked by offset or by cursor. */
export interface WalkedPage<Row> {
  readonly rows: readonly Row[];
  readonly fields: {
    readonly total_entries: number;
    readonly total_entries_limit: number | null;
    readonly next_cursor: string | null;
    readonly previous_cursor: string | null;
  };
}

/** The paging fields of a list that was not walked by cursor. */
export const offsetFields = (total: number): WalkedPage<never>["fields"] => ({
  total_entries: total,
  total_entries_limit: null,
  next_cursor: null,
  previous_cursor: null,
});

const byOffset = <Row>(rows: readonly Row[], page: PageRequest): WalkedPage<Row> => ({
  rows: slice(rows, page),
  fields: offsetFields(rows.length),
});

/**
 * A page by position: rows strictly behind (or before) the last one seen, so that rows that come or move do not shift
 * the walk. An empty token asks for the first page.
 */
export const walk = <Row>(
  rows: readonly Row[],
  ordering: Ordering<Row>,
  page: PageRequest,
  token: string | null,
): WalkedPage<Row> => {
  // Rows come in the order of their ids, which is the order when none is asked for.
  const sorted = ordering.names.length === 0 ? rows : sortBy(rows, ordering);
  if (token === null) return byOffset(sorted, page);
  const [first] = sorted;
  const width = first === undefined ? undefined : ordering.valuesOf(first).length;
  const position = token === "" ? undefined : decode(token, width ?? ordering.names.length + 1);
  const order = (row: Row): number => ordering.compare(ordering.valuesOf(row), position?.values ?? []);
  const isBack = position?.direction === "previous";
  const candidates =
    position === undefined ? sorted : sorted.filter((row) => (isBack ? order(row) < 0 : order(row) > 0));
  const chosen = isBack ? candidates.slice(-page.limit) : candidates.slice(0, page.limit);
  const [head, tail] = [chosen[0], chosen.at(-1)];
  const hasBefore = head !== undefined && head !== first;
  const hasAfter = tail !== undefined && tail !== sorted.at(-1);
  return {
    rows: chosen,
    fields: {
      total_entries: Math.min(rows.length, COUNT_LIMIT),
      total_entries_limit: COUNT_LIMIT,
      next_cursor: hasAfter ? encode({ direction: "next", values: ordering.valuesOf(tail) }) : null,
      previous_cursor: hasBefore ? encode({ direction: "previous", values: ordering.valuesOf(head) }) : null,
    },
  };
};

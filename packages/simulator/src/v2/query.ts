import { type Micros, parseDate } from "../clock/instant.ts";
import { databaseError, type Finding, invalid, refuse } from "./detail.ts";

const DEFAULT_LIMIT = 50;

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

const wholeNumber = (query: URLSearchParams, name: string, fallback: number, findings: Finding[]): number => {
  const input = query.get(name);
  if (input === null) return fallback;
  const loc = ["query", name];
  if (!/^[+-]?\d+$/.test(input)) {
    findings.push({
      type: "int_parsing",
      loc,
      msg: "Input should be a valid integer, unable to parse string as an integer",
      input,
    });
    return fallback;
  }
  if (Number(input) < 0) {
    findings.push({
      type: "greater_than_equal",
      loc,
      msg: "Input should be greater than or equal to 0",
      input,
      ctx: { ge: 0 },
    });
  }
  return Number(input);
};

/** The page asked for: 50 rows when nothing is said, none for 0, silently cut at the maximum. */
export const pageOf = (query: URLSearchParams, maximum: number): PageRequest => {
  const findings: Finding[] = [];
  const limit = wholeNumber(query, "limit", DEFAULT_LIMIT, findings);
  const offset = wholeNumber(query, "offset", 0, findings);
  if (findings.length > 0) invalid(findings);
  return { limit: Math.min(limit, maximum), offset };
};

export const slice = <Row>(rows: readonly Row[], page: PageRequest): Row[] =>
  rows.slice(page.offset, page.offset + page.limit);

const TRUE = new Set(["true", "1", "yes", "on", "t", "y"]);
const FALSE = new Set(["false", "0", "no", "off", "f", "n"]);

export const flag = (query: URLSearchParams, name: string): boolean | undefined => {
  const input = query.get(name);
  if (input === null) return undefined;
  if (TRUE.has(input.toLowerCase())) return true;
  if (FALSE.has(input.toLowerCase())) return false;
  return invalid([
    {
      type: "bool_parsing",
      loc: ["query", name],
      msg: "Input should be a valid boolean, unable to interpret input",
      input,
    },
  ]);
};

export const date = (query: URLSearchParams, name: string): Micros | undefined => {
  const input = query.get(name);
  if (input === null) return undefined;
  const parsed = parseDate(input);
  const loc = ["query", name];
  if (parsed.kind === "invalid") {
    const error = input.length < 10 ? "input is too short" : "invalid character in year";
    return invalid([
      {
        type: "datetime_from_date_parsing",
        loc,
        msg: `Input should be a valid datetime or date, ${error}`,
        input,
        ctx: { error },
      },
    ]);
  }
  // A date without a time zone gets as far as the database driver.
  if (parsed.kind === "naive") return databaseError();
  return parsed.at;
};

/** Whether a text matches an ILIKE `%pattern%`; `~` means everything and `|` means or. */
export const matchesPattern = (value: string, pattern: string | null): boolean => {
  if (pattern === null || pattern === "" || pattern === "~") return true;
  return pattern.split("|").some((part) => {
    const source = part
      .trim()
      .replace(/[.*+?^${}()[\]\\]/g, "\\$&")
      .replaceAll("%", ".*")
      .replaceAll("_", ".");
    return new RegExp(source, "i").test(value);
  });
};

const RANGE_ENDS = {
  gte: (value: number, bound: number) => value >= bound,
  gt: (value: number, bound: number) => value > bound,
  lte: (value: number, bound: number) => value <= bound,
  lt: (value: number, bound: number) => value < bound,
} as const;

/** A filter for `<name>_gte`, `_gt`, `_lte`, `_lt` of these dates, read by `bound`. */
export const rangeFilter = <Row>(
  names: Readonly<Record<string, (row: Row) => number | null>>,
  bound: (name: string) => number | undefined,
): ((row: Row) => boolean) => {
  const checks = Object.entries(names).flatMap(([name, valueOf]) =>
    Object.entries(RANGE_ENDS).flatMap(([end, holds]) => {
      const limit = bound(`${name}_${end}`);
      return limit === undefined ? [] : [{ valueOf, holds, limit }];
    }),
  );
  return (row) =>
    checks.every(({ valueOf, holds, limit }) => {
      const value = valueOf(row);
      return value !== null && holds(value, limit);
    });
};

const LONGEST_ORDER = 10;

export type SortValue = string | number | null;

/** Sort keys that an operation allows, by name; `id` is the tie-break. */
export type SortKeys<Row> = Readonly<Record<string, (row: Row) => SortValue>>;

export interface Ordering<Row> {
  readonly names: readonly string[];
  /** The values a row is sorted by, the tie-break last. */
  readonly valuesOf: (row: Row) => SortValue[];
  readonly compare: (a: readonly SortValue[], b: readonly SortValue[]) => number;
}

const compareValues = (a: SortValue, b: SortValue): number => {
  if (a === b) return 0;
  // PostgreSQL puts null last when rising.
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
};

/** How `order_by` sorts; repeatable, `-` for falling, the primary key breaks ties in the direction of the first field. */
export const orderingOf = <Row>(
  orders: readonly string[],
  keys: SortKeys<Row>,
  tieBreak: (row: Row) => SortValue,
): Ordering<Row> => {
  if (orders.length > LONGEST_ORDER)
    refuse(400, `Ordering with more than ${LONGEST_ORDER} parameters is not allowed. Provided: ${orders.join(", ")}`);
  const fields = orders.map((order) => {
    const name = order.replace(/^[-+]/, "");
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (key === undefined) {
      return refuse(400, `Ordering with '${name}' is disallowed or the attribute does not exist on the model`);
    }
    return { name, key, sign: order.startsWith("-") ? -1 : 1 };
  });
  const tieSign = fields[0]?.sign ?? 1;
  const signs = [...fields.map((field) => field.sign), tieSign];
  return {
    names: orders,
    valuesOf: (row) => [...fields.map((field) => field.key(row)), tieBreak(row)],
    compare: (a, b) => {
      for (const [index, sign] of signs.entries()) {
        const difference = sign * compareValues(a[index] ?? null, b[index] ?? null);
        if (difference !== 0) return difference;
      }
      return 0;
    },
  };
};

/** Sorts rows; their keys are computed once. */
export const sortBy = <Row>(rows: readonly Row[], ordering: Ordering<Row>): Row[] =>
  rows
    .map((row) => ({ row, values: ordering.valuesOf(row) }))
    .sort((a, b) => ordering.compare(a.values, b.values))
    .map(({ row }) => row);

import { type Micros, parseDate } from "../clock/instant.ts";
import { badRequest, refuse } from "./problem.ts";

export type QueryType = "integer" | "boolean" | "string" | "date-time" | "number";

/** The query parameters that an operation knows. Anything else is refused. */
export type QuerySpec = Readonly<Record<string, QueryType>>;

const isValid = (type: QueryType, value: string): boolean => {
  if (type === "integer") return /^-?\d+$/.test(value);
  if (type === "number") return value.trim() !== "" && !Number.isNaN(Number(value));
  if (type === "boolean") return /^(true|false)$/i.test(value);
  return true;
};

/** What jsonschema prints about a value. */
const failedSchema = (what: string, keyword: string, schema: string, value: string): string =>
  `${what}\n\nFailed validating '${keyword}' in schema:\n    ${schema}\n\nOn instance:\n    ${value}`;

/** Checks a query as connexion does: unknown names first, then types. */
export const checkQuery = (query: URLSearchParams, spec: QuerySpec): void => {
  const unknown = [...new Set(query.keys())].filter((name) => !(name in spec)).sort();
  if (unknown.length > 0)
    refuse(400, { title: null, detail: `Extra query parameter(s) ${unknown.join(", ")} not in spec` });
  for (const [name, value] of query) {
    const type = spec[name] ?? "string";
    if (!isValid(type, value)) badRequest(`Wrong type, expected '${type}' for query parameter '${name}'`);
    if (type !== "date-time") continue;
    // A date without a time zone is none.
    if (parseDate(value).kind !== "aware") {
      badRequest(
        failedSchema(
          `'${value}' is not a 'date-time'`,
          "format",
          "{'type': 'string', 'format': 'date-time'}",
          `'${value}'`,
        ),
      );
    }
  }
  const offset = Number(query.get("offset") ?? 0);
  if (offset < 0) {
    badRequest(
      failedSchema(
        `${offset} is less than the minimum of 0`,
        "minimum",
        "{'type': 'integer', 'minimum': 0}",
        String(offset),
      ),
    );
  }
};

export const flag = (query: URLSearchParams, name: string): boolean | undefined => {
  const value = query.get(name);
  return value === null ? undefined : value.toLowerCase() === "true";
};

export const date = (query: URLSearchParams, name: string): Micros | undefined => {
  const value = query.get(name);
  const parsed = value === null ? undefined : parseDate(value);
  return parsed?.kind === "aware" ? parsed.at : undefined;
};

/** All values of a repeated or comma-joined parameter. */
export const list = (query: URLSearchParams, name: string): string[] =>
  query
    .getAll(name)
    .flatMap((value) => value.split(","))
    .filter((value) => value !== "");

const DEFAULT_LIMIT = 100;

/** The page asked for: no limit and 0 both mean 100, more than the maximum is cut silently. */
export const pageOf = (
  query: URLSearchParams,
  maximum: number,
): { readonly limit: number; readonly offset: number } => {
  const given = Number(query.get("limit") ?? DEFAULT_LIMIT);
  if (given < 0) refuse(400, { title: "Page limit must be a positive integer", detail: null });
  const limit = given === 0 ? DEFAULT_LIMIT : Math.min(given, maximum);
  return { limit, offset: Number(query.get("offset") ?? 0) };
};

export const slice = <Row>(rows: readonly Row[], page: { readonly limit: number; readonly offset: number }): Row[] =>
  rows.slice(page.offset, page.offset + page.limit);

/** Sort keys that an operation allows, by name. */
export type SortKeys<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;

const compare = (a: string | number | null, b: string | number | null): number => {
  if (a === b) return 0;
  // PostgreSQL puts null last when rising.
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
};

/** Sorts by one field, `-` for falling; rows that are equal keep their order. Refuses other fields. */
export const sortRows = <Row>(rows: readonly Row[], order: string | null, keys: SortKeys<Row>): readonly Row[] => {
  if (order === null || order === "") return rows;
  const isFalling = order.startsWith("-");
  const name = order.replace(/^[-+]/, "");
  const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
  if (key === undefined) {
    return badRequest(`Ordering with '${name}' is disallowed or the attribute does not exist on the model`);
  }
  return [...rows].sort((a, b) => (isFalling ? -1 : 1) * compare(key(a), key(b)));
};

import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  listValue,
  SQLNULL,
  STRUCT,
  structValue,
  VARCHAR,
} from "@duckdb/node-api";
import type { SqlText } from "@airfleet/model";
import { type Params, paramOf } from "../params.ts";
import { StepRefusal } from "../step-trouble.ts";

/** A value with the type under which a statement gets it. */
interface Bound {
  readonly value: DuckDBValue;
  readonly type: DuckDBType;
}

const SMALLEST = -(2 ** 31);
const LARGEST = 2 ** 31 - 1;

const toNumber = (value: number): Bound => {
  if (!Number.isSafeInteger(value)) return { value, type: DOUBLE };
  return value >= SMALLEST && value <= LARGEST ? { value, type: INTEGER } : { value: BigInt(value), type: BIGINT };
};

/** Numbers of several sizes are held by the widest; nothing else mixes. */
const WIDTHS = [INTEGER, BIGINT, DOUBLE] as const;

const commonType = (types: readonly DuckDBType[]): DuckDBType => {
  const known = types.filter((type) => type !== SQLNULL);
  const first = known[0];
  if (first === undefined || known.every((type) => String(type) === String(first))) return first ?? SQLNULL;
  const widths = known.map((type) => WIDTHS.findIndex((width) => width === type));
  const widest = WIDTHS[Math.max(...widths)];
  if (widths.includes(-1) || widest === undefined) {
    throw new StepRefusal(
      `A list that is a parameter holds values of one kind; this one holds ${[...new Set(known.map(String))].join(" and ")}.`,
    );
  }
  return widest;
};

const widen = ({ value, type }: Bound, to: DuckDBType): DuckDBValue => {
  if (value === null || type === to || (typeof value !== "number" && typeof value !== "bigint")) return value;
  return to === BIGINT ? BigInt(value) : Number(value);
};

/** A parameter's value as DuckDB binds it: the same types as those that its Python package chooses. */
export const toBound = (value: unknown): Bound => {
  if (value === null || value === undefined) return { value: null, type: SQLNULL };
  if (typeof value === "string") return { value, type: VARCHAR };
  if (typeof value === "boolean") return { value, type: BOOLEAN };
  if (typeof value === "number") return toNumber(value);
  if (Array.isArray(value)) {
    const items = value.map(toBound);
    const type = commonType(items.map((item) => item.type));
    return { value: listValue(items.map((item) => widen(item, type))), type: LIST(type) };
  }
  if (typeof value !== "object") throw new StepRefusal(`A ${typeof value} cannot be a parameter.`);
  const entries = Object.entries(value).map(([key, item]) => [key, toBound(item)] as const);
  return {
    value: structValue(Object.fromEntries(entries.map(([key, item]) => [key, item.value]))),
    type: STRUCT(Object.fromEntries(entries.map(([key, item]) => [key, item.type]))),
  };
};

/** What a statement binds, by the name that stands in it. */
export const bindingsOf = (sql: SqlText, params: Params): Readonly<Record<string, Bound>> =>
  Object.fromEntries(sql.params.map((name) => [`p_${name}`, toBound(paramOf(params, name))]));
export type { Bound };

/** How columns of PostgreSQL become columns of DuckDB, by the type's oid; kept equal in the Python runtime. */
const BY_OID: Readonly<Record<number, string>> = {
  16: "BOOLEAN",
  17: "BLOB",
  20: "BIGINT",
  21: "SMALLINT",
  23: "INTEGER",
  26: "BIGINT",
  700: "FLOAT",
  701: "DOUBLE",
  1082: "DATE",
  1083: "TIME",
  1114: "TIMESTAMP",
  1184: "TIMESTAMP WITH TIME ZONE",
  2950: "UUID",
};
const NUMERIC = 1700;
/** A numeric without precision: 20 digits before the point, 18 behind it. */
const FREE_DECIMAL = "DECIMAL(38,18)";
/** The most digits that DuckDB's decimals have. */
const MOST_DIGITS = 38;

/** The type of DuckDB that holds a column of PostgreSQL; text for what has none, such as JSON, arrays and intervals. */
export const toDuckDbType = (oid: number, modifier: number): string => {
  if (oid !== NUMERIC) return BY_OID[oid] ?? "VARCHAR";
  const digits = (modifier - 4) >> 16;
  const scale = (modifier - 4) & 0x7ff;
  return modifier >= 4 && digits <= MOST_DIGITS && scale <= digits ? `DECIMAL(${digits},${scale})` : FREE_DECIMAL;
};

const BY_NAME: Readonly<Record<string, string>> = {
  BOOLEAN: "boolean",
  TINYINT: "smallint",
  UTINYINT: "smallint",
  SMALLINT: "smallint",
  USMALLINT: "integer",
  INTEGER: "integer",
  UINTEGER: "bigint",
  BIGINT: "bigint",
  UBIGINT: "numeric(20,0)",
  HUGEINT: "numeric(39,0)",
  FLOAT: "real",
  DOUBLE: "double precision",
  DATE: "date",
  TIME: "time",
  TIMESTAMP: "timestamp",
  TIMESTAMP_S: "timestamp",
  TIMESTAMP_MS: "timestamp",
  TIMESTAMP_NS: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
  INTERVAL: "interval",
  UUID: "uuid",
  BLOB: "bytea",
  JSON: "jsonb",
};

/** Whether a type of DuckDB holds other values; they are written as JSON. */
export const isNested = (type: string): boolean => /\]$|^(?:STRUCT|MAP|UNION)\(/.test(type);

/** The type of PostgreSQL that a new table gets for a column. */
export const toPostgresType = (type: string): string => {
  if (isNested(type)) return "jsonb";
  const decimal = /^DECIMAL(\(\d+,\d+\))$/.exec(type);
  return decimal === null ? (BY_NAME[type] ?? "text") : `numeric${decimal[1]}`;
};

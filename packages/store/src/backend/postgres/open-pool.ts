import { types, Pool, type PoolConfig } from "pg";
import { PostgresDialect, type Dialect } from "kysely";
import type { StoreLogger } from "../../logger.ts";

const INT8 = 20;

/** PostgreSQL's int8 comes as text; ours are times and counters, which a double holds exactly up to 2^53. */
const parseInt8 = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the store holds ${text}, which is no safe integer`);
  return value;
};

const defaultParser = types.getTypeParser as (oid: number, format?: "text" | "binary") => unknown;

const typeParsers = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === INT8 && format !== "binary" ? parseInt8 : defaultParser(oid, format)) as typeof types.getTypeParser,
};

/** Limits of our sessions, in milliseconds. */
export interface SessionLimits {
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionMs: number;
  readonly connections: number;
}

/** A server's own work: nothing may hang for longer than a caller waits. */
export const SERVING: SessionLimits = {
  statementTimeoutMs: 30_000,
  lockTimeoutMs: 5_000,
  idleInTransactionMs: 60_000,
  connections: 10,
};

/** Migrations, backup and restore: they take as long as they take. */
export const UNHURRIED: SessionLimits = {
  statementTimeoutMs: 0,
  lockTimeoutMs: 0,
  idleInTransactionMs: 0,
  connections: 1,
};

/** How long a new connection may take before the store counts as unavailable. */
const CONNECT_TIMEOUT_MS = 5_000;

const LOCAL_HOST = /^(?:|localhost|127(?:\.\d+){3}|\[?::1\]?|\/.*|%2f.*)$/i;

/** Over a network TLS is used, and the server's certificate checked, unless the address says otherwise (`sslmode`). */
const tlsFor = (url: string): Pick<PoolConfig, "ssl"> => {
  if (!URL.canParse(url)) return {};
  const { hostname, searchParams } = new URL(url);
  const isLocal = LOCAL_HOST.test(hostname) || (searchParams.get("host") ?? "").startsWith("/");
  const saysItself = ["sslmode", "ssl", "sslrootcert"].some((name) => searchParams.has(name));
  return isLocal || saysItself ? {} : { ssl: true };
};

/** A dialect over a pool of its own, which ends when the dialect's Kysely is destroyed. */
export const postgresDialect = (url: string, limits: SessionLimits, logger: StoreLogger): Dialect => {
  const config: PoolConfig = {
    connectionString: url,
    ...tlsFor(url),
    max: limits.connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    application_name: "airfleet",
    types: typeParsers,
  };
  const pool = new Pool(config);
  // Without a listener an idle connection that the server drops would end this process.
  pool.on("error", (error) => logger.warn({ err: error }, "the database closed an idle connection"));
  // The same for one that is in use: its query fails by itself, and that is told to whoever asked.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PostgresDialect({ pool });
};

import { userInfo } from "node:os";

/** The same server, another database. */
export const withDatabase = (url: string, database: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
};

/** The address in the form that SQLAlchemy wants. */
export const toSqlAlchemy = (url: string): string => url.replace(/^postgres(?:ql)?:/, "postgresql+psycopg2:");

/** Where a server is, without its password. */
export const toPrintable = (url: string): string => {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === "" ? "5432" : port}${pathname}`;
};

/** Our name on this machine; none where the user id has no account, as in some containers. */
const accountName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return process.env["USER"] ?? "";
  }
};

/**
 * Addresses tried on a machine with a PostgreSQL of its own: port 5432, or `PGPORT` as for every PostgreSQL client.
 * `PGPASSWORD` and `~/.pgpass` apply too.
 */
export const localAddresses = (): readonly string[] => {
  const { PGUSER: named, PGPORT: port = "5432" } = process.env;
  const users = [named ?? "", accountName(), "postgres"].filter((user) => user !== "");
  return [...new Set(users)].map((user) => `postgresql://${encodeURIComponent(user)}@127.0.0.1:${port}/postgres`);
};

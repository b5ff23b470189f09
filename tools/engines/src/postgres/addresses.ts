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

/** Addresses tried on a machine with a PostgreSQL of its own. libpq's and pg's `PGPASSWORD` and `~/.pgpass` apply. */
export const localAddresses = (): readonly string[] => {
  const users = [process.env["PGUSER"], userInfo().username, "postgres"].filter(
    (user) => user !== undefined && user !== "",
  );
  return [...new Set(users)].map((user) => `postgresql://${encodeURIComponent(String(user))}@127.0.0.1:5432/postgres`);
};

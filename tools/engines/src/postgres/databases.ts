import { Client } from "pg";
import { z } from "zod";

const CONNECT_TIMEOUT_MS = 3_000;

/** Opens one connection for the duration of `work`. */
export const withConnection = async <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A server that ends while we are connected raises this beside failing the query; the query's failure is enough.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** An SQL identifier. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const Permission = z.tuple([z.object({ may_create: z.boolean() })]);

/** Whether the user of this address may create databases. @throws when nobody answers there. */
export const mayCreateDatabases = (url: string): Promise<boolean> =>
  withConnection(url, async (client) => {
    const sql = "SELECT rolcreatedb OR rolsuper AS may_create FROM pg_roles WHERE rolname = current_user";
    return Permission.parse((await client.query(sql)).rows)[0].may_create;
  });

/** Names of the databases that begin with a prefix. */
export const listDatabases = (url: string, prefix: string): Promise<readonly string[]> =>
  withConnection(url, async (client) => {
    const result = await client.query(
      "SELECT datname FROM pg_database WHERE starts_with(datname::text, $1) ORDER BY 1",
      [prefix],
    );
    return z
      .array(z.object({ datname: z.string() }))
      .parse(result.rows)
      .map((row) => row.datname);
  });

/** @param template a database that nobody is connected to; its content is copied. */
export const createDatabase = (url: string, name: string, template = "template0"): Promise<void> =>
  withConnection(url, async (client) => {
    await client.query(`CREATE DATABASE ${quoted(name)} TEMPLATE ${quoted(template)}`);
  });

export const renameDatabase = (url: string, from: string, to: string): Promise<void> =>
  withConnection(url, async (client) => {
    await client.query(`ALTER DATABASE ${quoted(from)} RENAME TO ${quoted(to)}`);
  });

/** Drops a database and closes whatever is still connected to it. Nothing happens when there is none. */
export const dropDatabase = (url: string, name: string): Promise<void> =>
  withConnection(url, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
  });

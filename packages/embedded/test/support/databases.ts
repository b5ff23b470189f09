import { randomBytes } from "node:crypto";
import type { Connection } from "@airfleet/model";
import { Client } from "pg";
import { createDatabase, dropDatabase, ensurePostgres, withDatabase } from "../../../../tools/engines/src/index.ts";

/** A PostgreSQL database of its own. */
export interface OwnDatabase extends AsyncDisposable {
  readonly url: string;
  readonly connection: Connection;
  /** Rows of a query, every value as text. */
  rows(query: string): Promise<readonly (readonly (string | null)[])[]>;
}

export const toConnection = (url: string): Connection => {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    kind: "postgres",
    host: hostname === "" ? "127.0.0.1" : hostname,
    port: port === "" ? 5432 : Number(port),
    login: decodeURIComponent(username),
    password: decodeURIComponent(password),
    schema: pathname.slice(1),
    extra: {},
  };
};

export const openOwnDatabase = async (): Promise<OwnDatabase> => {
  const server = await ensurePostgres();
  const name = `airfleet_plans_${randomBytes(6).toString("hex")}`;
  await createDatabase(server.url, name);
  const url = withDatabase(server.url, name);
  const client = new Client({
    connectionString: url,
    types: { getTypeParser: () => (value: string | null) => value },
  });
  client.on("error", () => undefined);
  await client.connect();
  await client.query("set timezone = 'UTC'");
  return {
    url,
    connection: toConnection(url),
    async rows(query) {
      const result = await client.query({ text: query, rowMode: "array" });
      return result.rows as (string | null)[][];
    },
    async [Symbol.asyncDispose]() {
      await client.end();
      await dropDatabase(server.url, name);
      await server.close();
    },
  };
};

import { createDatabase, dropDatabase, ensurePostgres, withDatabase } from "@airfleet/tools-engines";

/** Where a server under measurement keeps its store. */
export interface StoreRoom {
  readonly name: string;
  /** The `store` part of an Airfleet configuration; empty for the one in the data directory. */
  readonly configuration: { readonly store?: { readonly url: string } };
  readonly env: Readonly<Record<string, string>>;
}

export const SQLITE_ROOM: StoreRoom = { name: "SQLite", configuration: {}, env: {} };

/** A database of its own, dropped afterwards. */
export const postgresRoom = async (): Promise<StoreRoom & AsyncDisposable> => {
  const server = await ensurePostgres();
  const name = `airfleet_bench_${process.pid}`;
  await createDatabase(server.url, name);
  return {
    name: "PostgreSQL",
    configuration: { store: { url: withDatabase(server.url, name) } },
    env: { AIRFLEET_SECRET_KEY: "YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtMTI=" },
    [Symbol.asyncDispose]: async () => {
      await dropDatabase(server.url, name);
      await server[Symbol.asyncDispose]();
    },
  };
};

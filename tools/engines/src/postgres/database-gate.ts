import { withDatabase } from "./addresses.ts";
import { quoted, withConnection } from "./databases.ts";

/** Takes one database away from everybody and gives it back, as if its server were restarted; others go on. */
export interface DatabaseGate {
  /** Refuses new connections and ends those there are. @returns how many were ended */
  shut(): Promise<number>;
  /** Safe to repeat. */
  open(): Promise<void>;
}

/** @param url address of the database; its user must own it or be a superuser */
export const createDatabaseGate = (url: string): DatabaseGate => {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const server = withDatabase(url, "postgres");
  const allow = (isOpen: boolean): Promise<void> =>
    withConnection(server, async (client) => {
      await client.query(`ALTER DATABASE ${quoted(name)} WITH ALLOW_CONNECTIONS ${isOpen}`);
    });
  return {
    async shut() {
      await allow(false);
      return withConnection(server, async (client) => {
        const sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        return (await client.query(sql, [name])).rowCount ?? 0;
      });
    },
    open: () => allow(true),
  };
};

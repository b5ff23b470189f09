import type { DatabaseSync } from "node:sqlite";
import { type Dialect, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import { SqliteDriver } from "./driver.ts";

class TransactionalSqliteAdapter extends SqliteAdapter {
  /** SQLite rolls back DDL like anything else; so a migration that fails leaves nothing behind. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  /** Our driver hands its one connection from caller to caller itself, so that they can share a commit. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** Kysely's SQLite over an open `node:sqlite` database, which it closes when destroyed. */
export const sqliteDialect = (database: DatabaseSync): Dialect => ({
  createDriver: () => new SqliteDriver(database),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createAdapter: () => new TransactionalSqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
});

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { PROFILES } from "../backend/profile.ts";
import { sqliteDialect } from "../backend/sqlite/dialect.ts";
import { storedKeyId } from "../key-check.ts";
import { LATEST_MIGRATION, migrate } from "../migrations/migrate.ts";
import type { Database } from "../schema.ts";
import { FORMAT_VERSION, type Header } from "./portable-format.ts";
import type { TableBatch } from "./portable-reader.ts";
import { BACKUP_TABLES } from "./snapshot.ts";
import { sqliteSnapshot } from "./sqlite-snapshot.ts";

/** Brings a copy of an older backup up to date, and says which key it needs. */
const prepare = async (copy: string): Promise<string> => {
  const database = new DatabaseSync(copy);
  const db = new Kysely<Database>({ dialect: sqliteDialect(database) });
  try {
    database.exec("pragma journal_mode = delete; pragma trusted_schema = off");
    await migrate(db, PROFILES.sqlite);
    return (await storedKeyId(db)) ?? "none";
  } finally {
    await db.destroy();
  }
};

/** Reads a database file as if it were a portable backup. The file itself is not touched; older ones are migrated in a copy. */
export async function* readSqlite(file: string): AsyncGenerator<Header | TableBatch> {
  const folder = mkdtempSync(join(tmpdir(), "airfleet-restore-"));
  const copy = join(folder, "airfleet.db");
  try {
    copyFileSync(file, copy);
    yield { airfleet_backup: FORMAT_VERSION, schema: LATEST_MIGRATION, key_id: await prepare(copy), created_at: 0 };
    for (const table of BACKUP_TABLES) {
      const batches = await sqliteSnapshot(copy)(async (read) => Array.fromAsync(read(table)));
      for (const rows of batches) yield { table, rows };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

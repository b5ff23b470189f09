import { type Kysely, sql, type Transaction } from "kysely";
import type { Database } from "../schema.ts";
import { type BackupRow, type BackupTable, BATCH, type Snapshot } from "./snapshot.ts";

async function* readTable(trx: Transaction<Database>, table: BackupTable): AsyncGenerator<readonly BackupRow[]> {
  const fetch = sql.raw<BackupRow>(`fetch ${BATCH} from backup_rows`);
  await sql.raw(`declare backup_rows no scroll cursor for select * from ${table}`).execute(trx);
  for (let { rows } = await fetch.execute(trx); rows.length > 0; { rows } = await fetch.execute(trx)) yield rows;
  await sql.raw("close backup_rows").execute(trx);
}

/** Repeatable read: every statement sees the store as it was at the first. */
export const postgresSnapshot =
  (db: Kysely<Database>): Snapshot =>
  (work) =>
    db
      .transaction()
      .setIsolationLevel("repeatable read")
      .setAccessMode("read only")
      .execute((trx) => work((table) => readTable(trx, table)));

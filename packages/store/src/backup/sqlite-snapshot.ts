import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type BackupRow, type BackupTable, BATCH, type Snapshot } from "./snapshot.ts";

async function* readTable(database: DatabaseSync, table: BackupTable): AsyncGenerator<readonly BackupRow[]> {
  let batch: BackupRow[] = [];
  for (const row of database.prepare(`select * from ${table}`).iterate()) {
    batch.push(row as BackupRow);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
    await nextTurn();
  }
  if (batch.length > 0) yield batch;
}

/** A second connection that stays at one instant: in WAL mode readers and the writer do not wait for each other. */
export const sqliteSnapshot =
  (file: string): Snapshot =>
  async (work) => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    try {
      database.exec("begin");
      return await work((table) => readTable(database, table));
    } finally {
      database.close();
    }
  };

import { openSync, closeSync, readSync } from "node:fs";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import type { Insertable, Transaction } from "kysely";
import type { BackendProfile } from "../backend/profile.ts";
import type { StoreContext } from "../context.ts";
import { LATEST_MIGRATION } from "../migrations/migrate.ts";
import type { Database } from "../schema.ts";
import type { BackupSummary } from "../store.ts";
import type { Header } from "./portable-format.ts";
import { readPortable, type TableBatch } from "./portable-reader.ts";
import { BACKUP_TABLES, type BackupTable, NUMBERED_TABLES } from "./snapshot.ts";
import { readSqlite } from "./sqlite-reader.ts";

/** Tables that hold something in every store, new ones too. */
const ALWAYS_FILLED: ReadonlySet<BackupTable> = new Set(["store_facts", "sequences"]);

/** SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535. */
const PARAMETERS = 30_000;

const formOf = (file: string): BackupSummary["form"] => {
  const start = Buffer.alloc(15);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
  if (start[0] === 0x1f && start[1] === 0x8b) return "portable";
  if (start.toString("latin1") === "SQLite format 3") return "sqlite";
  throw new Error("it is neither a gzipped backup nor a SQLite database");
};

const checkEmpty = async (trx: Transaction<Database>): Promise<void> => {
  for (const table of BACKUP_TABLES) {
    if (ALWAYS_FILLED.has(table)) continue;
    const row = await trx
      .selectFrom(table)
      .select((eb) => eb.lit(1).as("one"))
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) throw new AirfleetError("STORE_NOT_EMPTY", { table });
  }
};

const insert = async (trx: Transaction<Database>, { table, rows }: TableBatch): Promise<void> => {
  const perStatement = Math.max(1, Math.floor(PARAMETERS / Object.keys(rows[0] ?? {}).length));
  for (let start = 0; start < rows.length; start += perStatement) {
    // The reader has checked the table; a column that is not ours fails in the database.
    const values = rows.slice(start, start + perStatement) as unknown as Insertable<Database[typeof table]>[];
    await trx.insertInto(table).values(values).execute();
  }
};

const checkHeader = (header: Header, keyId: string): void => {
  if (header.schema !== LATEST_MIGRATION) {
    throw new Error(
      `it was made at migration ${header.schema}, this Airfleet is at ${LATEST_MIGRATION}; use the Airfleet that made it`,
    );
  }
  if (header.key_id !== keyId) throw new AirfleetError("SECRET_KEY_WRONG", { given: keyId, expected: header.key_id });
};

const resumeNumbering = async (trx: Transaction<Database>, profile: BackendProfile): Promise<void> => {
  for (const table of NUMBERED_TABLES) await profile.resumeIdentity(table)?.execute(trx);
};

const fill = ({ db, box, profile }: StoreContext, form: BackupSummary["form"], file: string): Promise<BackupSummary> =>
  db.transaction().execute(async (trx) => {
    await checkEmpty(trx);
    for (const table of ALWAYS_FILLED) await trx.deleteFrom(table).execute();
    const rows: Record<string, number> = Object.fromEntries(BACKUP_TABLES.map((table) => [table, 0]));
    let schema = LATEST_MIGRATION;
    for await (const part of form === "portable" ? readPortable(file) : readSqlite(file)) {
      if ("airfleet_backup" in part) {
        checkHeader(part, box.keyId);
        ({ schema } = part);
      } else {
        await insert(trx, part);
        rows[part.table] = (rows[part.table] ?? 0) + part.rows.length;
      }
    }
    await resumeNumbering(trx, profile);
    return { form, schema, rows };
  });

/**
 * Fills an empty store from a backup; all of it or nothing.
 *
 * @throws {AirfleetError} STORE_NOT_EMPTY, SECRET_KEY_WRONG, BACKUP_INVALID
 */
export const restoreStore = async (context: StoreContext, file: string): Promise<BackupSummary> => {
  try {
    return await fill(context, formOf(file), file);
  } catch (error) {
    if (isAirfleetError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AirfleetError("BACKUP_INVALID", { file, reason }, { cause: error });
  }
};

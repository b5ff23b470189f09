import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { AirfleetError } from "@airfleet/model";
import { toStoreError } from "../store-error.ts";

/** How long a statement waits for another connection's write, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * What every connection is set to. FULL: a commit is on the disk before it is acknowledged. Untrusted schema: functions
 * and virtual tables named by the file itself are not run. The journal is cut back to 64 MiB after a large write. ANALYZE
 * looks at a sample.
 */
const SETTINGS = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma foreign_keys = on;
  pragma temp_store = memory;
  pragma trusted_schema = off;
  pragma journal_size_limit = 67108864;
  pragma analysis_limit = 1000;
`;

const checkWhole = (database: DatabaseSync, file: string): void => {
  const rows = database.prepare("pragma quick_check").all();
  const [first] = rows.flatMap((row) => Object.values(row));
  if (first !== "ok") throw new AirfleetError("STORE_DAMAGED", { reason: `${file}: ${String(first)}` });
};

/**
 * Opens the database file, readable by this user only.
 *
 * @throws {AirfleetError} STORE_UNAVAILABLE, or STORE_DAMAGED when `check` is wanted and the file is not whole.
 */
export const openDatabase = (file: string, options: { readonly check: boolean }): DatabaseSync => {
  try {
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      chmodSync(file, 0o600);
      database.exec(SETTINGS);
      if (options.check) checkWhole(database, file);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw toStoreError(error);
  }
};

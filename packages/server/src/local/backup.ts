import type { ConfigurationSource } from "@airfleet/control";
import type { BackupSummary } from "@airfleet/store";
import { openLocalStore } from "./open-local-control.ts";

/**
 * Writes everything that the store holds into a file that is not there yet; credentials stay encrypted.
 *
 * @throws {AirfleetError} DATA_DIR_LOCKED while a server uses a SQLite store, BACKUP_FAILED
 */
export const backupToFile = async (
  { file, form }: { readonly file: string; readonly form: BackupSummary["form"] },
  source: ConfigurationSource,
): Promise<BackupSummary> => {
  await using store = await openLocalStore(source);
  return await store.backup(file, form);
};

/**
 * Fills the store, which must be empty, from a backup.
 *
 * @throws {AirfleetError} STORE_NOT_EMPTY, BACKUP_INVALID, SECRET_KEY_WRONG, DATA_DIR_LOCKED
 */
export const restoreFromFile = async (file: string, source: ConfigurationSource): Promise<BackupSummary> => {
  await using store = await openLocalStore(source);
  return await store.restore(file);
};

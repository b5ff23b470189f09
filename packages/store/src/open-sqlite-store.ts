import { backup as copyDatabase, type DatabaseSync } from "node:sqlite";
import { type Kysely, Kysely as KyselyOverDriver } from "kysely";
import { reclaimAllActions } from "./actions/lease-actions.ts";
import { withCodedErrors } from "./backend/coded-dialect.ts";
import { PROFILES } from "./backend/profile.ts";
import { type DataDirLock, dataDirFiles, lockDataDir } from "./backend/sqlite/data-dir.ts";
import { sqliteDialect } from "./backend/sqlite/dialect.ts";
import { openDatabase } from "./backend/sqlite/open-database.ts";
import { backupStore } from "./backup/backup-store.ts";
import { restoreStore } from "./backup/restore-store.ts";
import { sqliteSnapshot } from "./backup/sqlite-snapshot.ts";
import type { StoreContext } from "./context.ts";
import { reclaimAllDeliveries } from "./deliveries/lease-deliveries.ts";
import { reclaimAllExecutions } from "./executions/change-executions.ts";
import { reclaimAllSchedules } from "./schedules/schedules.ts";
import { checkKey, storedKeyId } from "./key-check.ts";
import { appliedMigrations, migrate, pendingMigrations } from "./migrations/migrate.ts";
import type { StoreSettings } from "./open-store.ts";
import { createReadinessCheck } from "./readiness.ts";
import type { Database } from "./schema.ts";
import { dataDirKey, replaceDataDirKey } from "./secrets/data-dir-key.ts";
import { rotateSecrets } from "./secrets/rotate-secret-key.ts";
import { createSecretBox } from "./secrets/secret-box.ts";
import { parseSecretKey, secretKeyFromEnvironment } from "./secrets/secret-key.ts";
import { createSortableIds } from "./sortable-id.ts";
import { createRepositories, type Store } from "./store.ts";

type Files = ReturnType<typeof dataDirFiles>;

/** Migrates, after copying a store that holds something, so that a person can go back. */
const bringUpToDate = async (db: Kysely<Database>, database: DatabaseSync, files: Files, settings: StoreSettings) => {
  const applied = await appliedMigrations(db);
  const [first] = pendingMigrations(applied);
  if (first === undefined) return;
  if (applied.length > 0) {
    const copy = `${files.database}.before-${first}`;
    await copyDatabase(database, copy);
    settings.logger.info({ copy }, "the store was copied before it is migrated");
  }
  await migrate(db, PROFILES.sqlite);
};

/** What a former process of this data directory held; the lock on it proves that the process has ended. */
const reclaimLeases = async (db: Kysely<Database>): Promise<void> => {
  await db.updateTable("leases").set({ expires_at: 0 }).execute();
  await db.deleteFrom("members").execute();
  await reclaimAllActions({ db });
  await reclaimAllDeliveries({ db });
  await reclaimAllExecutions({ db });
  await reclaimAllSchedules({ db });
};

const openLocked = async (dataDir: string, lock: DataDirLock, settings: StoreSettings): Promise<Store> => {
  const files = dataDirFiles(dataDir);
  const { clock, logger } = settings;
  const database = openDatabase(files.database, { check: lock.wasLeftUnclean });
  const db: Kysely<Database> = new KyselyOverDriver({ dialect: withCodedErrors(sqliteDialect(database)) });
  try {
    await bringUpToDate(db, database, files, settings);
    const given = settings.secretKey ?? secretKeyFromEnvironment(process.env);
    const key =
      given === undefined ? dataDirKey(files, await storedKeyId(db)) : parseSecretKey(given, "AIRFLEET_SECRET_KEY");
    await checkKey(db, key.id);
    await reclaimLeases(db);

    const box = createSecretBox(key);
    const now = () => PROFILES.sqlite.now(clock);
    const context: StoreContext = {
      db,
      profile: PROFILES.sqlite,
      clock,
      now,
      box,
      newId: createSortableIds(clock),
      logger,
    };
    const close = async (): Promise<void> => {
      if (database.isOpen) database.exec("pragma optimize");
      await db.destroy();
      lock.release();
    };
    return {
      ...createRepositories(context),
      backend: "sqlite",
      sharedByProcesses: false,
      checkReady: createReadinessCheck(context),
      backup: (file, form = "sqlite") =>
        backupStore(file, form, {
          keyId: key.id,
          clock,
          snapshot: sqliteSnapshot(files.database),
          databaseFile: files.database,
        }),
      restore: (file) => restoreStore(context, file),
      async rotateSecretKey(newKey) {
        const next = createSecretBox(parseSecretKey(newKey, "the new key"));
        if (given !== undefined) return rotateSecrets(context, next);
        return replaceDataDirKey(files, newKey, () => rotateSecrets(context, next));
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await db.destroy();
    throw error;
  }
};

/** Opens a data directory for this process alone. */
export const openSqliteStore = async (dataDir: string, settings: StoreSettings): Promise<Store> => {
  const lock = lockDataDir(dataDir);
  try {
    return await openLocked(dataDir, lock, settings);
  } catch (error) {
    lock.release();
    throw error;
  }
};

import { AirfleetError } from "@airfleet/model";
import { Kysely } from "kysely";
import { withCodedErrors } from "./backend/coded-dialect.ts";
import { postgresDialect, SERVING, type SessionLimits, UNHURRIED } from "./backend/postgres/open-pool.ts";
import { PROFILES } from "./backend/profile.ts";
import { backupStore } from "./backup/backup-store.ts";
import { postgresSnapshot } from "./backup/postgres-snapshot.ts";
import { restoreStore } from "./backup/restore-store.ts";
import type { StoreContext } from "./context.ts";
import { checkKey } from "./key-check.ts";
import { migrate } from "./migrations/migrate.ts";
import type { StoreSettings } from "./open-store.ts";
import { createReadinessCheck } from "./readiness.ts";
import type { Database } from "./schema.ts";
import { rotateSecrets } from "./secrets/rotate-secret-key.ts";
import { createSecretBox } from "./secrets/secret-box.ts";
import { parseSecretKey, secretKeyFromEnvironment } from "./secrets/secret-key.ts";
import { createSortableIds } from "./sortable-id.ts";
import { createRepositories, type Store } from "./store.ts";

/** Opens a store on PostgreSQL, beside other servers. */
export const openPostgresStore = async (url: string, settings: StoreSettings): Promise<Store> => {
  const { clock, logger } = settings;
  const given = settings.secretKey ?? secretKeyFromEnvironment(process.env);
  if (given === undefined) throw new AirfleetError("SECRET_KEY_MISSING");
  const key = parseSecretKey(given, "AIRFLEET_SECRET_KEY");
  const connect = (limits: SessionLimits) =>
    new Kysely<Database>({ dialect: withCodedErrors(postgresDialect(url, limits, logger)) });
  /** A connection of its own, for work that takes as long as it takes. */
  const unhurried = async <T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T> => {
    const db = connect(UNHURRIED);
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  };

  await unhurried((db) => migrate(db, PROFILES.postgres));
  const db = connect(SERVING);
  try {
    await checkKey(db, key.id);
  } catch (error) {
    await db.destroy();
    throw error;
  }

  const box = createSecretBox(key);
  const now = () => PROFILES.postgres.now(clock);
  const context: StoreContext = {
    db,
    profile: PROFILES.postgres,
    clock,
    now,
    box,
    newId: createSortableIds(clock),
    logger,
  };
  const close = (): Promise<void> => db.destroy();
  return {
    ...createRepositories(context),
    backend: "postgres",
    sharedByProcesses: true,
    checkReady: createReadinessCheck(context),
    backup: (file, form = "portable") =>
      unhurried((own) => backupStore(file, form, { keyId: key.id, clock, snapshot: postgresSnapshot(own) })),
    restore: (file) => unhurried((own) => restoreStore({ ...context, db: own }, file)),
    rotateSecretKey: (newKey) => rotateSecrets(context, createSecretBox(parseSecretKey(newKey, "the new key"))),
    close,
    [Symbol.asyncDispose]: close,
  };
};

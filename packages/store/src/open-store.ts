import { AirfleetError } from "@airfleet/model";
import type { Clock } from "./clock.ts";
import { type StoreLogger, silentLogger } from "./logger.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";
import type { Store } from "./store.ts";

/** How to open a store. */
export interface OpenStoreOptions {
  /** `postgresql://…`; then several servers may share the store. */
  readonly url?: string;
  /** Directory of a SQLite store, made when it is not there; for one process. */
  readonly dataDir?: string;
  /**
   * 32 bytes in base64 or hex. Default: AIRFLEET_SECRET_KEY, or what AIRFLEET_SECRET_KEY_FILE names; on SQLite, failing
   * that, `secret.key` in the data directory.
   */
  readonly secretKey?: string;
  /** Epoch milliseconds. Default: the system's. On PostgreSQL leases are measured by the database whatever this says. */
  readonly clock?: Clock;
  readonly logger?: StoreLogger;
}

/** The same with everything filled in but the address. */
export type StoreSettings = Required<Pick<OpenStoreOptions, "clock" | "logger">> & Pick<OpenStoreOptions, "secretKey">;

/**
 * Opens the store, and migrates it when it is older than this version.
 *
 * @throws {AirfleetError} DATA_DIR_LOCKED, SECRET_KEY_MISSING, SECRET_KEY_INVALID, SECRET_KEY_WRONG, STORE_NEWER,
 * STORE_DAMAGED, STORE_UNAVAILABLE
 */
export const openStore = async (options: OpenStoreOptions): Promise<Store> => {
  const { url, dataDir, clock = Date.now, logger = silentLogger, secretKey } = options;
  const settings: StoreSettings = { clock, logger, ...(secretKey === undefined ? {} : { secretKey }) };
  if (url !== undefined) {
    if (!/^postgres(?:ql)?:/.test(url)) {
      const reason = "its address is not of the form postgresql://user@host:5432/database";
      throw new AirfleetError("STORE_UNAVAILABLE", { reason });
    }
    return openPostgresStore(url, settings);
  }
  if (dataDir === undefined)
    throw new AirfleetError("STORE_UNAVAILABLE", { reason: "neither url nor dataDir is given" });
  return openSqliteStore(dataDir, settings);
};

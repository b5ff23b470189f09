import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AirfleetError } from "@airfleet/model";

/** Files of a data directory. */
export const dataDirFiles = (dataDir: string) => ({
  database: join(dataDir, "airfleet.db"),
  lock: join(dataDir, "airfleet.lock"),
  pid: join(dataDir, "airfleet.pid"),
  secretKey: join(dataDir, "secret.key"),
  nextSecretKey: join(dataDir, "secret.key.next"),
});

/** A data directory that is ours until `release`. */
export interface DataDirLock {
  /** The process before us ended without releasing it. */
  readonly wasLeftUnclean: boolean;
  release(): void;
}

const readPid = (file: string): string => {
  try {
    const pid = readFileSync(file, "utf8").trim();
    return pid === "" ? "unknown" : pid;
  } catch {
    return "unknown";
  }
};

const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && (error as { readonly errcode: unknown }).errcode === 5;

/**
 * Sets the mode 0700. A directory of somebody else's that we may write in, as a volume of a container often is, keeps
 * its own: our files are closed to others themselves.
 */
export const closeToOthers = (dataDir: string, chmod: typeof chmodSync = chmodSync): void => {
  try {
    chmod(dataDir, 0o700);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) throw error;
  }
};

/**
 * Makes the directory (0700) and takes it for this process.
 *
 * The lock is the operating system's own on a side file, held through a SQLite connection because Node offers no
 * `flock`: it goes with the process however that ends, so there is no stale lock to guess about. The side file is never
 * opened by any other means in this process, since POSIX drops a process's locks on a file with the first descriptor closed.
 *
 * @throws {AirfleetError} DATA_DIR_LOCKED naming the process that has it, STORE_UNAVAILABLE when it cannot be written.
 */
export const lockDataDir = (dataDir: string): DataDirLock => {
  const files = dataDirFiles(dataDir);
  let holder: DatabaseSync;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    closeToOthers(dataDir);
    holder = new DatabaseSync(files.lock, { timeout: 0 });
  } catch (error) {
    throw new AirfleetError("STORE_UNAVAILABLE", { reason: `${dataDir}: ${String(error)}` }, { cause: error });
  }
  try {
    holder.exec("pragma journal_mode = memory; begin exclusive");
  } catch (error) {
    holder.close();
    if (!isBusy(error)) {
      throw new AirfleetError("STORE_UNAVAILABLE", { reason: `${files.lock}: ${String(error)}` }, { cause: error });
    }
    throw new AirfleetError("DATA_DIR_LOCKED", { path: dataDir, pid: readPid(files.pid) }, { cause: error });
  }
  const wasLeftUnclean = existsSync(files.pid);
  writeFileSync(files.pid, `${process.pid}\n`, { mode: 0o600 });
  return {
    wasLeftUnclean,
    release() {
      if (!holder.isOpen) return;
      rmSync(files.pid, { force: true });
      holder.close();
    },
  };
};

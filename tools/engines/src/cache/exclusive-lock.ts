import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import type { CacheLayout } from "./layout.ts";

const RETRY_EVERY_MS = 100;

export interface ExclusiveLockOptions {
  /** Called once when somebody else holds the lock, with the holder's pid when it is known. */
  readonly onWait?: (holderPid: string) => void;
}

const tryAcquire = (file: string): DatabaseSync | undefined => {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    // 5 is SQLITE_BUSY: somebody holds it.
    if (error instanceof Error && "errcode" in error && error.errcode === 5) return undefined;
    throw error;
  }
};

/**
 * Runs `work` while no other process of this machine runs work under the same name.
 *
 * The lock is SQLite's lock on a file, because Node has no `flock` and the kernel frees this one however its holder ends:
 * a pid file left by a killed process would have to be judged stale, and two waiters could judge so at once.
 * The pid beside it only tells people whom they wait for.
 */
export const withExclusiveLock = async <T>(
  layout: CacheLayout,
  name: string,
  work: () => Promise<T>,
  options: ExclusiveLockOptions = {},
): Promise<T> => {
  await mkdir(layout.locks, { recursive: true });
  const file = path.join(layout.locks, `${name}.lock`);
  const pidFile = path.join(layout.locks, `${name}.pid`);
  let held = tryAcquire(file);
  if (held === undefined) options.onWait?.((await readFile(pidFile, "utf8").catch(() => "unknown")).trim());
  while (held === undefined) {
    await delay(RETRY_EVERY_MS);
    held = tryAcquire(file);
  }
  try {
    await writeFile(pidFile, `${process.pid}\n`);
    return await work();
  } finally {
    held.close();
  }
};

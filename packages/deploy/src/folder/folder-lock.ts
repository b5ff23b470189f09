import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { AirfleetError } from "@airfleet/model";
import { isMissing, isThere } from "./judge-failure.ts";

const NAME = ".airfleet.lock";
/** A holder shows every so often that it lives; one that has not for the longer time is dead, wherever it ran. */
const BEAT_MS = 2_000;
const DEAD_AFTER_MS = 20_000;
const LOOK_MS = 50;
/** Longer than a deployer takes for a change, and than the time after which a dead one's lock is broken. */
const PATIENCE_MS = 30_000;

interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly token: string;
}

const parseHolder = (text: string): Holder | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { host, pid, token } = value as Partial<Holder>;
    return typeof host === "string" && typeof pid === "number" && typeof token === "string"
      ? { host, pid, token }
      : undefined;
  } catch {
    return undefined;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** Whether whoever has the lock is gone: by its pid on this machine, else by its silence. */
const isAbandoned = async (file: string): Promise<string | undefined> => {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
    const holder = parseHolder(text);
    const isSilent = Date.now() - mtimeMs > DEAD_AFTER_MS;
    const isDeadHere = holder?.host === hostname() && !isAlive(holder.pid);
    return isSilent || isDeadHere ? text : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Moves a dead holder's lock away; one that is not the dead one's after all is put back. */
const breakLock = async (file: string, seen: string): Promise<void> => {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) !== seen) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
};

/**
 * Holds the folder for one change. Also between processes and machines that share it; a holder that was killed is found
 * out by its pid or by its silence.
 *
 * @throws {AirfleetError} DEPLOY_TARGET_UNREACHABLE when another one has it for too long
 */
export const withFolderLock = async <Answer>(
  folder: string,
  target: string,
  signal: AbortSignal,
  act: () => Promise<Answer>,
): Promise<Answer> => {
  const file = path.join(folder, NAME);
  const token = randomUUID();
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      const handle = await open(file, "wx", 0o644);
      try {
        await handle.writeFile(JSON.stringify({ host: hostname(), pid: process.pid, token }));
      } finally {
        await handle.close();
      }
      break;
    } catch (error) {
      if (!isThere(error)) {
        // Whatever could not be written must not look like somebody's lock.
        if (!isMissing(error)) await rm(file, { force: true }).catch(() => undefined);
        throw error;
      }
    }
    const abandoned = await isAbandoned(file);
    if (abandoned !== undefined) {
      await breakLock(file, abandoned);
      continue;
    }
    if (Date.now() > until) {
      throw new AirfleetError("DEPLOY_TARGET_UNREACHABLE", { target, reason: "another deployer holds its lock" });
    }
    await pause(LOOK_MS, undefined, { signal });
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, BEAT_MS);
  try {
    return await act();
  } finally {
    clearInterval(beat);
    const held = await readFile(file, "utf8").catch(() => "");
    if (parseHolder(held)?.token === token) await rm(file, { force: true });
  }
};

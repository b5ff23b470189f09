import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Carried by every process that is started for a step, and by all that it starts in turn. */
export const MARK = "AIRFLEET_ENGINE";

/** What the mark says: for which file, and under which lease. */
export const markOf = (id: string, token: number): string => `${id}:${token}`;

const POLL_MS = 20;
const LONGEST_MS = 10_000;

const readText = (file: string): string => {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
};

/** A process that is dead and only waits for its parent to notice. */
const isZombie = (pid: string): boolean => {
  const stat = readText(`/proc/${pid}/stat`);
  return stat === "" || stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
};

const findOrphans = (id: string, isOld: (token: number) => boolean): readonly number[] => {
  let entries: readonly string[];
  try {
    entries = readdirSync("/proc");
  } catch {
    // Without /proc nothing can be found; processes of steps end by themselves when their pipe closes.
    return [];
  }
  return entries
    .filter((pid) => {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
      const environment = readText(`/proc/${pid}/environ`);
      const token = new RegExp(`(?:^|\\0)${MARK}=${id}:(\\d+)\\0`).exec(environment)?.[1];
      return token !== undefined && isOld(Number(token)) && !isZombie(pid);
    })
    .map(Number);
};

/**
 * Ends the processes that a dead holder of the lease has left behind, and waits until they are gone: two of them must
 * not write at a time.
 *
 * @returns how many there were
 * @throws when one cannot be ended
 */
export const endOrphans = async (id: string, isOld: (token: number) => boolean): Promise<number> => {
  const ended = new Set<number>();
  for (let waited = 0; ; waited += POLL_MS) {
    const left = findOrphans(id, isOld);
    if (left.length === 0) return ended.size;
    if (waited > LONGEST_MS) throw new Error(`processes ${left.join(", ")} of an engine that is gone do not end`);
    for (const pid of left) {
      ended.add(pid);
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It went by itself.
      }
    }
    await delay(POLL_MS);
  }
};

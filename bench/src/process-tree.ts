import { readdirSync, readFileSync } from "node:fs";
import { cpuMs } from "./measure.ts";

/** A process and all that it started. */
export const processTree = (root: number): readonly number[] => {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === 0) continue;
    try {
      parents.set(pid, Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1]));
    } catch {
      // It ended while we were looking.
    }
  }
  const within = (pid: number): boolean => pid === root || (parents.has(pid) && within(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(within);
};

/** CPU milliseconds of a process and of all that it started. */
export const treeCpuMs = (root: number): number =>
  processTree(root).reduce((sum, pid) => {
    try {
      return sum + cpuMs(pid);
    } catch {
      return sum;
    }
  }, 0);

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";

/** A process, told apart from a later one that was given the same pid. */
export const ProcessIdentity = z.object({ pid: z.int().positive(), startTime: z.string().min(1) });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

const run = promisify(execFile);

const readBootId = async (): Promise<string> =>
  (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim().slice(0, 8);
let bootId: Promise<string> | undefined;

const linuxStartTime = async (pid: number): Promise<string | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  // The command's name may hold spaces and parentheses: fields are counted from the last ")" (proc(5): state is 3, starttime 22).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, ticks] = [fields[0], fields[19]];
  // A zombie runs no more; only its parent has not looked yet.
  if (state === "Z" || state === "X" || ticks === undefined) return undefined;
  // Ticks count from the boot, so the boot belongs to them.
  bootId ??= readBootId();
  return `${await bootId}:${ticks}`;
};

const portableStartTime = async (pid: number): Promise<string | undefined> => {
  const answer = await run("ps", ["-o", "stat=,lstart=", "-p", String(pid)]).catch(() => undefined);
  const [state, ...startTime] = (answer?.stdout ?? "").trim().split(/\s+/);
  return state === undefined || state.startsWith("Z") || startTime.length === 0 ? undefined : startTime.join(" ");
};

/** When the process with this pid started, in words that only serve for comparing. Undefined when there is none. */
export const identify = async (pid: number): Promise<ProcessIdentity | undefined> => {
  const startTime = await (process.platform === "linux" ? linuxStartTime(pid) : portableStartTime(pid));
  return startTime === undefined ? undefined : { pid, startTime };
};

/** Whether this very process still runs; false when its pid now belongs to another one. */
export const isAlive = async (identity: ProcessIdentity): Promise<boolean> =>
  (await identify(identity.pid))?.startTime === identity.startTime;

/** Whether one of them still runs. */
export const isAnyAlive = async (identities: readonly ProcessIdentity[]): Promise<boolean> =>
  (await Promise.all(identities.map(isAlive))).includes(true);

/** This process. */
export const identifySelf = async (): Promise<ProcessIdentity> => {
  const self = await identify(process.pid);
  if (self === undefined) throw new Error(`The start time of our own process ${process.pid} cannot be read.`);
  return self;
};

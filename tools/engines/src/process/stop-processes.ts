import { setTimeout as delay } from "node:timers/promises";
import { isAlive, type ProcessIdentity } from "./identity.ts";
import { findMarkedProcesses } from "./marked-processes.ts";

const LOOK_EVERY_MS = 100;
/** SIGKILL needs no cooperation, but a process in uninterruptible sleep may take a while to go. */
const KILL_WITHIN_MS = 10_000;

export interface StopProcesses {
  /** Leaders of process groups, as they were when we started them. */
  readonly leaders: readonly ProcessIdentity[];
  /** Token that all processes of the engine carry; finds those that left their group. */
  readonly token: string;
  /** Only the processes of this component. Default: all. */
  readonly component?: string;
  /** How long they may clean up after SIGTERM before SIGKILL. 0 kills at once. */
  readonly graceMs: number;
}

const send = (target: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(target, signal);
  } catch (error) {
    // ESRCH: it ended between looking and sending.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
};

/**
 * Ends processes and everything they started: SIGTERM to each group, then, after the grace, SIGKILL to whatever is left.
 * A leader whose pid was given to another process meanwhile is left alone: start times are compared before each signal.
 */
export const stopProcesses = async ({ leaders, token, component, graceMs }: StopProcesses): Promise<void> => {
  const remaining = async () => {
    const alive = await Promise.all(leaders.map(async (leader) => ((await isAlive(leader)) ? [leader.pid] : [])));
    return { groups: alive.flat(), marked: await findMarkedProcesses(token, component) };
  };
  const isEmpty = (left: Awaited<ReturnType<typeof remaining>>) => left.groups.length + left.marked.length === 0;

  if (graceMs > 0) {
    for (const group of (await remaining()).groups) send(-group, "SIGTERM");
    for (const until = Date.now() + graceMs; Date.now() < until; await delay(LOOK_EVERY_MS)) {
      if (isEmpty(await remaining())) return;
    }
  }
  for (const until = Date.now() + KILL_WITHIN_MS; Date.now() < until; await delay(LOOK_EVERY_MS)) {
    const left = await remaining();
    if (isEmpty(left)) return;
    for (const group of left.groups) send(-group, "SIGKILL");
    for (const pid of left.marked) send(pid, "SIGKILL");
  }
};

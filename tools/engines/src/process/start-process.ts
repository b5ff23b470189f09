import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { identify, type ProcessIdentity } from "./identity.ts";

export interface StartProcess {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  /** Both streams are appended to this file. */
  readonly logFile: string;
  readonly as?: { readonly uid: number; readonly gid: number } | undefined;
}

export interface StartedProcess {
  readonly identity: ProcessIdentity;
  /** How it ended, once it has: an exit code or a signal's name. Only known to the process that started it. */
  readonly ended: Promise<string>;
}

/** Starts a process that outlives us, as the leader of a process group of its own. @throws when the command cannot be started. */
export const startProcess = async ({
  command,
  args,
  environment,
  directory,
  logFile,
  as,
}: StartProcess): Promise<StartedProcess> => {
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(command, args, {
      env: environment,
      cwd: directory,
      detached: true,
      stdio: ["ignore", log, log],
      ...as,
    });
    const ended = new Promise<string>((resolve) => {
      child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    const pid = child.pid ?? 0;
    // A process that has ended already cannot be looked up; an identity that matches nothing says just that.
    const identity = (await identify(pid)) ?? { pid, startTime: "ended at once" };
    return { identity, ended };
  } finally {
    closeSync(log);
  }
};

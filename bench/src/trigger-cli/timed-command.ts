import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a command took, from its start until it had ended. */
export interface Taken {
  readonly wallMs: number;
  /** User and system time of the process and all that it started. */
  readonly cpuMs: number;
}

/** A shell that runs the command and says what it used: Node itself cannot tell that of a child. */
const SCRIPT = '"$@" >/dev/null 2>"$ERRORS" </dev/null; code=$?; times; exit $code';

const toMs = (time: string): number => {
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(time) ?? [];
  return Number(minutes) * 60_000 + Number(seconds) * 1_000;
};

/** Runs a command to its end. @throws when it fails; what it wrote to stderr is in the file `errors` */
export const timedCommand = async (
  command: readonly string[],
  { env, cwd, errors }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string; readonly errors: string },
): Promise<Taken> => {
  const startedAt = performance.now();
  const { stdout } = await run("/bin/sh", ["-c", SCRIPT, "sh", ...command], { env: { ...env, ERRORS: errors }, cwd });
  const wallMs = performance.now() - startedAt;
  // The second line of `times` is about what the shell has started.
  const [user = "", system = ""] = stdout.trim().split("\n").at(-1)?.split(" ") ?? [];
  return { wallMs, cpuMs: toMs(user) + toMs(system) };
};

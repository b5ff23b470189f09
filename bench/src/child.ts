import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A process that a bench measures; it says on stdout when it is ready. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** The line that made it ready. */
  readonly readyLine: string;
}

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const ended = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(timer);
};

/** Starts a process and waits for a line of its stdout that matches. */
export const startChild = async (options: {
  /** Default: Node. */
  readonly command?: string;
  readonly args: readonly string[];
  readonly ready: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}): Promise<Child> => {
  const child = spawn(options.command ?? process.execPath, [...options.args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout });
  const readyLine = await new Promise<string>((resolve, reject) => {
    lines.on("line", (line) => {
      if (options.ready.test(line)) resolve(line);
    });
    child.once("exit", (code) =>
      reject(new Error(`${options.args.join(" ")} ended with ${code} before it was ready:\n${errors}`)),
    );
    child.once("error", reject);
  });
  return { pid: child.pid ?? 0, readyLine, [Symbol.asyncDispose]: () => stop(child) };
};

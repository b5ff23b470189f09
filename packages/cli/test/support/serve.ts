import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { CLI_ARGS, cleanEnvironment } from "./run-cli.ts";

export interface Served extends AsyncDisposable {
  readonly url: string;
  /** Sends SIGTERM and answers the exit code. */
  stop(): Promise<number | null>;
}

/** Runs `airfleet serve` in a directory, on a free port, and waits until it says where it listens. */
export const serve = async (cwd: string, args: readonly string[] = []): Promise<Served> => {
  const child = spawn(process.execPath, [...CLI_ARGS, "serve", "--port", "0", "--log-level", "error", ...args], {
    cwd,
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /listens on (http:\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`serve ended with ${code}: ${errors}`)));
  });
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null) child.kill("SIGTERM");
    const [code] = (await exited) as [number | null];
    return code;
  };
  return { url, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
};

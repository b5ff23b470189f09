import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../..");

/** `make run` as a process: what it printed, where it listens, and how to stop it as Ctrl-C does. */
export interface DemoProcess {
  readonly url: string;
  readonly output: () => string;
  /** Sends SIGINT and answers the exit code. */
  interrupt(): Promise<number | null>;
}

/** Starts the demo as `make run` does, on a free port, and waits for its greeting. */
export const startDemo = async (fleet: "demo" | "real", timeoutMs: number): Promise<DemoProcess> => {
  const child = spawn(
    path.join(ROOT, "node_modules/.bin/node"),
    ["--conditions=@airfleet/source", "tools/demo/src/main.ts", "--fleet", fleet, "--port", "0"],
    { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no greeting within ${timeoutMs} ms:\n${output}`)), timeoutMs);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /Airfleet is at (http:\/\/127\.0\.0\.1:\d+)[\s\S]*Ctrl-C stops everything/.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code}:\n${output}`));
    });
  });
  return {
    url,
    output: () => output,
    interrupt: async () => {
      const ended = once(child, "exit") as Promise<[number | null]>;
      child.kill("SIGINT");
      const [code] = await ended;
      return code;
    },
  };
};

import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../..");

/** `make run` as a process: what it printed, where it listens, and how to stop it as Ctrl-C does. */
export interface DemoProcess {
  readonly url: string;
  readonly output: () => string;
  /** Interrupts it as Ctrl-C does, and answers the exit code; the same code again once it has ended. */
  interrupt(): Promise<number | null>;
}

/** Starts the demo as `make run` does, on a free port, and waits for its greeting. */
export const startDemo = async (fleet: "demo" | "real", timeoutMs: number): Promise<DemoProcess> => {
  const child = spawn(
    path.join(ROOT, "node_modules/.bin/node"),
    ["--conditions=@airfleet/source", "tools/demo/src/main.ts", "--fleet", fleet, "--port", "0"],
    // A group of its own, so that it can be interrupted as a terminal does: all of its processes at once.
    { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], detached: true },
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
      if (child.exitCode !== null || child.pid === undefined) return child.exitCode;
      const ended = once(child, "exit") as Promise<[number | null]>;
      process.kill(-child.pid, "SIGINT");
      const [code] = await ended;
      return code;
    },
  };
};

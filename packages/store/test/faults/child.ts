import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Readable, Writable } from "node:stream";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Place } from "../backends.ts";

/** A process with a store of its own, told what to do and watched line by line. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** What it has said so far. */
  readonly lines: readonly string[];
  say(line: string): void;
  /** The first line of at least `from` that starts with this. */
  heard(start: string, from?: number): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Kills it as a power cut would, and answers the signal that ended it. */
  kill(): Promise<NodeJS.Signals | null>;
}

const DEADLINE_MS = 45_000;

type Process = ChildProcessByStdio<Writable, Readable, null>;

const start = (script: string, place: Place, extra: readonly string[]): Process => {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const options = JSON.stringify({ ...place.address, secretKey: place.secretKey });
  const argv = ["--conditions=@airfleet/source", "--disable-warning=ExperimentalWarning", file, options, ...extra];
  return spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
};

/** Starts `script` (beside this file) on the store of this place. */
export const startChild = (script: string, place: Place, ...extra: readonly string[]): Child => {
  const child = start(script, place, extra);
  const ended = once(child, "exit");
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  // It may be dead already when it is spoken to.
  child.stdin.on("error", () => undefined);
  const kill = async (): Promise<NodeJS.Signals | null> => {
    child.kill("SIGKILL");
    await ended;
    return child.signalCode;
  };
  return {
    pid: child.pid ?? 0,
    lines,
    kill,
    say: (line) => void child.stdin.write(`${line}\n`),
    signal: (name) => void child.kill(name),
    async heard(beginning, from = 0) {
      const deadline = performance.now() + DEADLINE_MS;
      for (;;) {
        const line = lines.slice(from).find((said) => said.startsWith(beginning));
        if (line !== undefined) return line;
        if (performance.now() > deadline || child.exitCode !== null) {
          throw new Error(`${script} did not say "${beginning}"; it said: ${lines.slice(-5).join(" | ")}`);
        }
        await pause(5);
      }
    },
    [Symbol.asyncDispose]: async () => void (await kill()),
  };
};

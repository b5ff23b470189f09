import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fill, toText } from "../params.ts";
import type { PlanValue } from "@airfleet/model";
import type { StepContext } from "../step-context.ts";
import { reasonOf, StepRefusal, StepTrouble } from "../step-trouble.ts";

/** A command of a plan. */
export interface Command {
  readonly argv: readonly PlanValue[];
  readonly env: Readonly<Record<string, PlanValue>>;
}

/** What a command finds of our environment: where programs are, and how they talk. Nothing that is secret. */
const INHERITED = ["PATH", "LANG", "TZ"] as const;

const UNITS: Readonly<Record<string, number>> = { KB: 1, KIB: 1, MB: 1e3, MIB: 1024, GB: 1e6, GIB: 1_048_576, TB: 1e9 };

/** `1GB` as kilobytes for `ulimit`; undefined for what is not understood. */
const toKilobytes = (memory: string): number | undefined => {
  const [, number, unit] = /^([\d.]+)\s*([a-z]+)$/i.exec(memory.trim()) ?? [];
  const factor = UNITS[unit?.toUpperCase() ?? ""];
  return number === undefined || factor === undefined ? undefined : Math.floor(Number(number) * factor);
};

/**
 * Runs a command to its end, in a folder of its own. It belongs to the process group of this process, so that it ends with
 * it; and holds no more memory of its own than a step may.
 */
export const runCommand = async (context: StepContext, command: Command): Promise<void> => {
  const argv = command.argv.map((part) => toText(fill(part, context.params)));
  const [file] = argv;
  if (file === undefined || file === "") throw new StepRefusal("The command is empty.");
  if (argv.some((part) => part.includes("\0"))) throw new StepRefusal("A command cannot hold the sign U+0000.");
  const own = Object.fromEntries(
    Object.entries(command.env).map(([name, value]) => [name, toText(fill(value, context.params))]),
  );
  const kilobytes = toKilobytes(context.limits.memory);
  // Of its own data, not of addresses: many programs reserve gigabytes that they never touch.
  const limit = kilobytes === undefined ? "" : `ulimit -d ${kilobytes} && `;
  const child = spawn("/bin/sh", ["-c", `${limit}exec "$@"`, "sh", ...argv], {
    cwd: context.scratch,
    env: {
      ...Object.fromEntries(INHERITED.map((name) => [name, process.env[name]])),
      HOME: context.scratch,
      TMPDIR: context.scratch,
      ...own,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): void => void child.kill("SIGTERM");
  context.signal.addEventListener("abort", stop);
  const lines = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) context.log(line);
  });
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (...end) => resolve(end));
    });
    context.signal.throwIfAborted();
    if (signal !== null) throw new StepTrouble(`The command ${file} was ended by ${signal}.`);
    if (code === 127) throw new StepRefusal(`The command ${file} is not there.`);
    if (code !== 0) throw new StepTrouble(`The command ${file} ended with status ${code}.`);
  } catch (error) {
    if (error instanceof StepTrouble) throw error;
    context.signal.throwIfAborted();
    throw new StepTrouble(`The command ${file} cannot be run: ${reasonOf(error)}.`, { cause: error });
  } finally {
    context.signal.removeEventListener("abort", stop);
    // What it has left running in the background may hold its output open for ever.
    await Promise.race([Promise.all(lines), new Promise((resolve) => setTimeout(resolve, 1_000))]);
  }
};

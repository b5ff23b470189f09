import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const MAIN = path.resolve(import.meta.dirname, "../../src/main.ts");

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRun {
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Closes stdout after this many bytes, as `head` does. */
  readonly hangUpAfter?: number;
}

/** The environment of this process without what would change how the command behaves. */
export const cleanEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined &&
        !/^(AIRFLEET_|AIRFLOW_|NO_COLOR|FORCE_COLOR|CLICOLOR|PORT$|DATABASE_URL|LOG_LEVEL|NODE_)/.test(entry[0]),
    ),
  );

/** Arguments of node that run the command from its sources. */
export const CLI_ARGS: readonly string[] = ["--conditions=@airfleet/source", MAIN];

/** Runs `airfleet` as a process of its own, with nobody at the keyboard. */
export const runCli = (args: readonly string[], options: CliRun = {}): Promise<CliResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...CLI_ARGS, ...args], {
      env: { ...cleanEnvironment(), ...(options.url !== undefined && { AIRFLEET_URL: options.url }), ...options.env },
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      if (options.hangUpAfter !== undefined && stdout.length >= options.hangUpAfter) child.stdout.destroy();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? "");
  });

/** A directory that is gone after the test. */
export const temporaryDirectory = (): { readonly path: string } & Disposable => {
  const directory = mkdtempSync(path.join(tmpdir(), "airfleet-cli-"));
  return { path: directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
};

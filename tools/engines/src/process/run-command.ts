import { spawn } from "node:child_process";
import { EngineToolError } from "../errors.ts";

export interface RunCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the command. Default: ours. */
  readonly environment?: NodeJS.ProcessEnv;
  /** User and group to run as; only root may choose others. */
  readonly as?: { readonly uid: number; readonly gid: number } | undefined;
  readonly directory?: string;
}

/** The last lines of a text, for error messages. */
export const lastLines = (text: string, count = 30): string => text.trimEnd().split("\n").slice(-count).join("\n");

/** Runs a command to its end and answers what it printed (both streams). @throws COMMAND_FAILED with its last 30 lines. */
export const runCommand = ({ command, args, environment, as, directory }: RunCommand): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: environment ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      ...as,
      ...(directory === undefined ? {} : { cwd: directory }),
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const output = Buffer.concat(chunks).toString("utf8");
      if (code === 0) return resolve(output);
      const details = {
        command: [command, ...args].join(" "),
        exit_code: code ?? signal ?? "unknown",
        tail: lastLines(output),
      };
      return reject(new EngineToolError("COMMAND_FAILED", details));
    });
  });

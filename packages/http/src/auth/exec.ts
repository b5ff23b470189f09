import { execFile } from "node:child_process";
import { basename } from "node:path";
import type { ResolvedInstanceAuth } from "@airfleet/model";
import type { Clock } from "../clock.ts";
import { type InstancePlace, placedError } from "../calls/call-place.ts";
import type { Credentials } from "./credentials.ts";
import { createTokenCredentials, type IssuedToken } from "./token-credentials.ts";

type ExecAuth = Extract<ResolvedInstanceAuth, { type: "exec" }>;

const TIMEOUT_MS = 30_000;
const LONGEST_TOKEN_BYTES = 65_536;

/** Our own environment without our own secrets, and the configured variables on top. */
const childEnvironment = (extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AIRFLEET_"))),
  ...extra,
});

const describe = (error: Error): string => {
  if ("killed" in error && error.killed === true) return `it did not end within ${TIMEOUT_MS / 1_000} s`;
  if (!("code" in error)) return "it could not be started";
  if (error.code === "ENOENT") return "there is no such program";
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "it printed more than a token";
  return typeof error.code === "number" ? `it ended with exit code ${error.code}` : `it failed (${String(error.code)})`;
};

/**
 * A token printed by a command (`gcloud auth print-access-token`, `az account get-access-token … -o tsv`), run without
 * a shell. What it prints on stderr is never shown: such tools put secrets there.
 */
export const createExecCredentials = (place: InstancePlace, auth: ExecAuth, clock: Clock): Credentials => {
  const [program = "", ...args] = auth.command;
  const fail = (reason: string): Error =>
    placedError(place, "INSTANCE_TOKEN_COMMAND_FAILED", { command: basename(program), reason });
  const run = (): Promise<IssuedToken> =>
    new Promise((resolve, reject) => {
      const options = {
        env: childEnvironment(auth.env),
        timeout: TIMEOUT_MS,
        killSignal: "SIGKILL",
        maxBuffer: LONGEST_TOKEN_BYTES,
        windowsHide: true,
      } as const;
      const child = execFile(program, args, options, (error, stdout) => {
        const token = stdout.trim();
        if (error !== null) reject(fail(describe(error)));
        else if (token === "") reject(fail("it printed nothing"));
        else if (!/^[\x21-\x7e]+$/.test(token)) reject(fail("it printed something else than one token"));
        else resolve({ token, usableMs: auth.cache_seconds * 1_000 });
      });
      child.stdin?.end();
    });
  return createTokenCredentials(clock, run);
};

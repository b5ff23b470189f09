import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Action, AuditVerification } from "../../src/index.ts";
import type { VictimOrder } from "./victim.ts";

/** What a process that did not die prints at its end. */
interface Report {
  readonly actions: readonly Action[];
  readonly audit: AuditVerification;
}

/** Starts a process that acts on a store and may be killed at any moment. */
export const startVictim = (order: VictimOrder): ChildProcess =>
  spawn(
    process.execPath,
    ["--conditions=@airfleet/source", fileURLToPath(new URL("victim.ts", import.meta.url)), JSON.stringify(order)],
    { stdio: ["ignore", "pipe", "pipe"] },
  );

/** Waits for the end of such a process and answers what it found. */
export const reportOf = async (child: ChildProcess): Promise<Report> => {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  await once(child, "exit");
  if (out === "") throw new Error(`the process printed nothing: ${err}`);
  return JSON.parse(out) as Report;
};

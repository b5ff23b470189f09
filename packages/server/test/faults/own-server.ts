import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const CHILD = path.resolve(import.meta.dirname, "../support/serve-in-child.ts");

/** A whole server in a process of its own, with a store of its own, whose memory can be looked at. */
export interface OwnServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts one with this `airfleet.yaml`, and waits until it listens. */
export const startOwnServer = async (configuration: object): Promise<OwnServer> => {
  const directory = mkdtempSync(path.join(tmpdir(), "airfleet-own-"));
  writeFileSync(path.join(directory, "airfleet.yaml"), JSON.stringify(configuration), { mode: 0o600 });
  // As the command starts it.
  const flags = ["--max-semi-space-size=4", "--conditions=@airfleet/source"];
  const child = spawn(process.execPath, [...flags, CHILD, directory, "0"], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (data: Buffer): void => {
      said += data.toString();
      const found = /Airfleet listens on (http:\/\/[\d.:]+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

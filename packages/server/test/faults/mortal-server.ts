import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findFreePorts } from "../../../../tools/engines/src/index.ts";
import type { Place } from "../../../store/test/backends.ts";

const CHILD = path.resolve(import.meta.dirname, "../support/serve-in-child.ts");
const START_WITHIN_MS = 60_000;

interface Instance {
  readonly id: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** A whole server in a process of its own that can be killed at any instant and started again on the same store. */
export interface MortalServer extends AsyncDisposable {
  readonly url: string;
  /** Of the process as it was started last. */
  readonly pid: number;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  start(): Promise<void>;
  readonly log: () => string;
}

export const createMortalServer = async (
  place: Place,
  instances: readonly Instance[],
  settings: Readonly<Record<string, unknown>> = {},
): Promise<MortalServer> => {
  const directory = mkdtempSync(path.join(tmpdir(), "airfleet-mortal-"));
  mkdirSync(path.join(directory, "data"));
  const { address, secretKey } = place;
  const store = address.url === undefined ? { data_dir: address.dataDir } : { url: address.url };
  const configuration = {
    store,
    ...settings,
    instances: instances.map(({ id, url, username, password }) => ({
      id,
      name: id,
      url,
      auth: { type: "basic", username, password },
    })),
  };
  writeFileSync(path.join(directory, "airfleet.yaml"), JSON.stringify(configuration), { mode: 0o600 });
  const [port = 0] = await findFreePorts(1);
  let child: ChildProcess | undefined;
  let said = "";

  const start = async (): Promise<void> => {
    const began = spawn(process.execPath, ["--conditions=@airfleet/source", CHILD, directory, String(port)], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, AIRFLEET_SECRET_KEY: secretKey },
    });
    child = began;
    let own = "";
    const listens = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the server did not start: ${own}`)), START_WITHIN_MS);
      const hear = (data: Buffer): void => {
        own += data.toString();
        said += data.toString();
        if (!own.includes("Airfleet listens on")) return;
        clearTimeout(late);
        resolve();
      };
      began.stdout.on("data", hear);
      began.stderr.on("data", hear);
      began.once("exit", (code) => {
        clearTimeout(late);
        reject(new Error(`the server ended with ${code}: ${own}`));
      });
    });
    await listens;
  };

  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };

  return {
    url: `http://127.0.0.1:${port}`,
    get pid() {
      return child?.pid ?? 0;
    },
    start,
    kill,
    log: () => said,
    [Symbol.asyncDispose]: async () => {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

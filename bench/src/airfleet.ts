import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Child, startChild } from "./child.ts";

/** The built server, as users start it, in a working directory of its own. */
export interface ServedAirfleet extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly directory: string;
}

const AIRFLEET = path.resolve(import.meta.dirname, "../../airfleet");

/** Starts `airfleet serve` with this configuration (JSON is YAML) and waits until it listens. Without a `store` in it, SQLite. */
export const serveAirfleet = async (options: {
  readonly port: number;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<ServedAirfleet> => {
  const directory = mkdtempSync(path.join(tmpdir(), "airfleet-bench-"));
  const file = path.join(directory, "airfleet.yaml");
  writeFileSync(file, JSON.stringify(options.configuration), { mode: 0o600 });
  const url = `http://127.0.0.1:${options.port}`;
  // The flag would win over a database that the file names.
  const place = "store" in options.configuration ? [] : ["--data-dir", path.join(directory, "data")];
  const child: Child = await startChild({
    command: AIRFLEET,
    args: ["serve", "--config", file, ...place, "--port", String(options.port)],
    ready: new RegExp(`127\\.0\\.0\\.1:${options.port}`),
    cwd: directory,
    env: { NODE_ENV: "production", ...options.env },
  });
  return {
    pid: child.pid,
    url,
    directory,
    [Symbol.asyncDispose]: async () => {
      await child[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

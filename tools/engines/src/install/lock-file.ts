import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { toolDirectory } from "../cache/layout.ts";

/** What can be installed, by the name used on the command line, and the committed lock file with its exact versions. */
export const LOCK_FILES = {
  uv: "uv.txt",
  airflow2: "airflow-2.11.2.txt",
  airflow3: "airflow-3.3.2.txt",
  postgres: "postgres.txt",
  python: "python.txt",
  moto: "moto.txt",
  dagster: "dagster.txt",
  // Only what a bench compares us with: not part of an install of everything.
  airlift: "airlift.txt",
  // Only for tests of wrong clocks.
  faketime: "faketime.txt",
} as const;

export type Installable = keyof typeof LOCK_FILES;

/** What a user may ask for; uv comes with any of them. */
export const INSTALLABLE = [
  "airflow2",
  "airflow3",
  "postgres",
  "python",
  "moto",
  "dagster",
] as const satisfies readonly Installable[];

export const lockFilePath = (name: Installable): string => path.join(toolDirectory, "locks", LOCK_FILES[name]);

/** Twelve hexadecimal digits of the lock file's content: what is installed from it is valid exactly as long as they stay. */
export const lockFileHash = async (name: Installable): Promise<string> =>
  createHash("sha256")
    .update(await readFile(lockFilePath(name)))
    .digest("hex")
    .slice(0, 12);

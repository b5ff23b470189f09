import { fileURLToPath } from "node:url";
import type { ProcessCommand } from "./job-process.ts";

/** What processes find of our environment. Nothing that is secret: statements and code of users run there. */
const INHERITED = ["PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE"] as const;

const inherited = (): Record<string, string> =>
  Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Sources run as they are, and so do the built files: this file's own ending says which. */
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** The process with DuckDB. */
export const duckDbCommand = (): ProcessCommand => ({
  file: process.execPath,
  args: [
    ...(EXTENSION === "ts" ? ["--conditions=@airfleet/source"] : []),
    "--disable-warning=ExperimentalWarning",
    fileURLToPath(new URL(`./main.${EXTENSION}`, import.meta.url)),
  ],
  env: inherited(),
});

/** Where Python is. */
export interface PythonSettings {
  /** Interpreter with the runtime's packages. Default: `python3`. */
  readonly interpreter?: string;
  /** Folder in which the package `airfleet` is, for an interpreter that has it not installed. */
  readonly sources?: string;
}

export const DEFAULT_INTERPRETER = "python3";

/** The process with everything that is written in Python only. */
export const pythonCommand = ({ interpreter = DEFAULT_INTERPRETER, sources }: PythonSettings): ProcessCommand => ({
  file: interpreter,
  args: ["-m", "airfleet.runtime"],
  env: {
    ...inherited(),
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    ...(sources === undefined ? {} : { PYTHONPATH: sources }),
  },
});

import { cacheLayout, ensureInstalled } from "@airfleet/tools-engines";
import type { Step } from "./step.ts";

const layout = cacheLayout();
const progress = (line: string): void => void process.stdout.write(`     python: ${line}\n`);

/** Installs the Python environment unless it is there, and answers where its commands are. */
const install = async (): Promise<Readonly<Record<string, string>>> => {
  const { executable } = await ensureInstalled(layout, "python", progress);
  return { PATH: `${executable("")}:${process.env["PATH"] ?? ""}` };
};

const inPython = (name: string, command: string): Step => ({
  name,
  command: ["sh", "-c", `cd python && ${command} "$@"`, name],
  prepare: install,
});

/** The example is Python too, and stands where no configuration of ruff's is above it. */
const SOURCES = "--config pyproject.toml . ../examples/django";

/** Format, lint and types of `python/`. */
export const PYTHON_CHECKS: readonly Step[] = [
  inPython("Python format", `ruff format --check ${SOURCES}`),
  inPython("Python lint", `ruff check ${SOURCES}`),
  inPython("Python types", "mypy"),
];

/** The tests of `python/`, with a server, a simulated fleet and an object store that they start. */
export const PYTHON_TESTS: Step = {
  ...inPython("Python tests", "pytest"),
  runner: "pytest",
  prepare: async () => {
    const moto = await ensureInstalled(layout, "moto", progress);
    return { ...(await install()), AIRFLEET_TEST_MOTO: moto.executable("moto_server") };
  },
};

/** Those of them that depend on the database, once more on the PostgreSQL that the gate has (`DATABASE_URL`). */
export const PYTHON_STORE_TESTS: Step = {
  ...inPython("Python tests on PostgreSQL", "pytest -m stores"),
  runner: "pytest",
  prepare: async () => {
    const url = process.env["DATABASE_URL"];
    if (url === undefined) throw new Error("DATABASE_URL is not set: these tests need a PostgreSQL");
    return { ...(await install()), AIRFLEET_TEST_DATABASE_URL: url };
  },
};

import { createHash } from "node:crypto";
import path from "node:path";

/** Where everything that this tool installs and runs is kept. Nothing outside it is written, save databases. */
export interface CacheLayout {
  readonly root: string;
  /** Virtual environments, one per lock file. */
  readonly environments: string;
  /** Files whose only content is a lock of the kernel. */
  readonly locks: string;
  /** One directory per engine: state file, Airflow home, DAG folder, logs. */
  readonly run: string;
  /** The same per Dagster: state file, DAGSTER_HOME, code, logs. */
  readonly dagster: string;
  /** What is left of engines that failed to start, for reading their logs. */
  readonly failed: string;
  /** The Python package of this checkout, built, one directory per state of its sources. */
  readonly wheels: string;
  /** The PostgreSQL server of our own: data directory, log, users. */
  readonly postgres: string;
  /** Eight hexadecimal digits that tell this checkout's databases from another's on the same server. */
  readonly fingerprint: string;
}

/** The tool's own directory, where lock files and fixture DAGs are. */
export const toolDirectory = path.resolve(import.meta.dirname, "..", "..");

/** Root of the checkout. */
export const repositoryRoot = path.resolve(toolDirectory, "..", "..");

/** @param root defaults to `AIRFLEET_ENGINES_CACHE`, else `.cache/engines` of the repository. */
export const cacheLayout = (root?: string): CacheLayout => {
  const base = path.resolve(
    root ?? process.env["AIRFLEET_ENGINES_CACHE"] ?? path.join(repositoryRoot, ".cache", "engines"),
  );
  return {
    root: base,
    environments: path.join(base, "environments"),
    locks: path.join(base, "locks"),
    run: path.join(base, "run"),
    dagster: path.join(base, "dagster"),
    failed: path.join(base, "failed"),
    wheels: path.join(base, "wheels"),
    postgres: path.join(base, "postgres"),
    fingerprint: createHash("sha256").update(base).digest("hex").slice(0, 8),
  };
};

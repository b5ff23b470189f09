import { cp, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { toolDirectory } from "../cache/layout.ts";
import { EngineToolError, reasonOf } from "../errors.ts";

/** The DAGs that an engine has unless others are given; see the README for what each is for. */
export const FIXTURE_DAGS = path.join(toolDirectory, "dags");

const isSource = (file: string): boolean => !/(^|\/)(__pycache__|\.)/.test(file);

/** Copies DAG files into an engine's own folder, where tests may change them. @throws DAGS_UNREADABLE */
export const fillDagsFolder = async (source: string, target: string): Promise<void> => {
  try {
    if (!(await stat(source)).isDirectory()) throw new Error("it is not a directory");
    await cp(source, target, { recursive: true, filter: (file) => isSource(path.relative(source, file)) });
  } catch (error) {
    throw new EngineToolError("DAGS_UNREADABLE", { folder: source, reason: reasonOf(error) }, error);
  }
};

/**
 * The files in which Airflow will look for DAGs, by paths relative to the folder: `.py` files that speak of both `dag` and
 * `airflow`, which is Airflow's own "safe mode" (`might_contain_dag_via_default_heuristic`).
 */
export const findDagFiles = async (folder: string): Promise<readonly string[]> => {
  const entries = (await readdir(folder, { recursive: true })).filter(
    (entry) => entry.endsWith(".py") && isSource(entry),
  );
  const found = await Promise.all(
    entries.map(async (entry) => {
      const text = (await readFile(path.join(folder, entry), "utf8")).toLowerCase();
      return text.includes("dag") && text.includes("airflow") ? [entry] : [];
    }),
  );
  return found.flat().sort();
};

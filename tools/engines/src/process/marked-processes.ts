import { readdir, readFile } from "node:fs/promises";

/** Environment variable that every process of one engine inherits; its value is random for each engine. */
export const TOKEN_VARIABLE = "AIRFLEET_ENGINE_TOKEN";
/** Environment variable that names the component whose child a process is. */
export const COMPONENT_VARIABLE = "AIRFLEET_ENGINE_COMPONENT";

/**
 * The pids of all processes that carry an engine's token, of one component or of all.
 * Airflow starts each task in a session of its own, which no signal to a process group reaches; the environment is what stays.
 * Only Linux shows it; elsewhere the answer is empty and process groups have to do.
 */
export const findMarkedProcesses = async (token: string, component?: string): Promise<readonly number[]> => {
  const entries = await readdir("/proc").catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (entry) => {
        const environment = await readFile(`/proc/${entry}/environ`, "latin1").catch(() => "");
        const variables = environment.split("\0");
        const marked = variables.includes(`${TOKEN_VARIABLE}=${token}`);
        return marked && (component === undefined || variables.includes(`${COMPONENT_VARIABLE}=${component}`))
          ? Number(entry)
          : undefined;
      }),
  );
  return found.filter((pid) => pid !== undefined);
};

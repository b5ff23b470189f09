import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { CacheLayout } from "../cache/layout.ts";
import { EngineToolError, reasonOf } from "../errors.ts";
import { isAnyAlive, ProcessIdentity } from "../process/identity.ts";

export const GENERATIONS = [2, 3] as const;
/** Major version of Airflow. */
export type Generation = (typeof GENERATIONS)[number];

const Component = z.object({
  name: z.string(),
  /** Arguments of the `airflow` command. */
  args: z.array(z.string()),
  logFile: z.string(),
  /** Null before its first start. */
  process: ProcessIdentity.nullable(),
});

/** Everything another process needs in order to use, show or stop an engine. Holds passwords: only its owner may read the file. */
export const InstanceState = z.object({
  format: z.literal(1),
  id: z.string(),
  generation: z.literal(GENERATIONS),
  version: z.string(),
  status: z.enum(["starting", "ready"]),
  startedAt: z.iso.datetime(),
  url: z.string(),
  username: z.string(),
  password: z.string(),
  dagsFolder: z.string(),
  defaultIntervals: z.boolean(),
  /** Address of the engine's own database. */
  databaseUrl: z.string(),
  /** Address through which that database was made and is dropped. */
  maintenanceUrl: z.string(),
  databaseName: z.string(),
  /** Random word in the environment of each of its processes. */
  token: z.string(),
  /** The process whose end ends the engine. Null: it stays until somebody stops it. */
  owner: ProcessIdentity.nullable(),
  /** The `airflow` program. */
  program: z.string(),
  /** Variables that its components need beside the inherited ones. */
  environment: z.record(z.string(), z.string()),
  components: z.array(Component),
});
export type InstanceState = z.infer<typeof InstanceState>;

/** Directory of one engine. */
export const instanceDirectory = (layout: CacheLayout, id: string): string => path.join(layout.run, id);
const stateFile = (layout: CacheLayout, id: string): string => path.join(instanceDirectory(layout, id), "state.json");

/** Writes the state so that a reader sees the old or the new one, never half of it. */
export const writeInstanceState = async (layout: CacheLayout, state: InstanceState): Promise<void> => {
  const file = stateFile(layout, state.id);
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
};

/** @returns undefined when there is no such engine. @throws STATE_UNREADABLE when its file is not one of ours. */
export const readInstanceState = async (layout: CacheLayout, id: string): Promise<InstanceState | undefined> => {
  const file = stateFile(layout, id);
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return InstanceState.parse(JSON.parse(text));
  } catch (error) {
    throw new EngineToolError("STATE_UNREADABLE", { file, reason: reasonOf(error) }, error);
  }
};

/** Ids of all engines with a directory, running or not, in the order of their names. */
export const listInstanceIds = async (layout: CacheLayout): Promise<readonly string[]> =>
  (await readdir(layout.run).catch(() => [])).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

export const processesOf = (state: InstanceState): readonly ProcessIdentity[] =>
  state.components.flatMap(({ process }) => (process === null ? [] : [process]));

/** `lost`: its owner or all of its processes have ended; only leftovers remain. */
export const judgeInstance = async (state: InstanceState): Promise<"running" | "lost"> => {
  // An engine without processes yet lives by whoever is starting it.
  const lives = state.owner === null ? processesOf(state) : [state.owner];
  return (await isAnyAlive(lives)) ? "running" : "lost";
};

const ID = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Takes an id by making its directory, which only one process can do.
 * @param wanted default: the first free one of `af2-1`, `af2-2` …
 * @throws ENGINE_ID_INVALID, ENGINE_EXISTS
 */
export const takeInstanceId = async (layout: CacheLayout, generation: Generation, wanted?: string): Promise<string> => {
  if (wanted !== undefined && !ID.test(wanted)) throw new EngineToolError("ENGINE_ID_INVALID", { id: wanted });
  await mkdir(layout.run, { recursive: true });
  for (let number = 1; ; number += 1) {
    const id = wanted ?? `af${generation}-${number}`;
    try {
      await mkdir(instanceDirectory(layout, id), { mode: 0o700 });
      return id;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      if (wanted !== undefined) throw new EngineToolError("ENGINE_EXISTS", { id }, error);
    }
  }
};

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { CacheLayout } from "../cache/layout.ts";
import { EngineToolError, reasonOf } from "../errors.ts";
import { isAnyAlive, ProcessIdentity } from "../process/identity.ts";
import { stopProcesses } from "../process/stop-processes.ts";

/** Everything another process needs in order to use, show or stop a Dagster. */
export const DagsterState = z.object({
  format: z.literal(1),
  id: z.string(),
  version: z.string(),
  status: z.enum(["starting", "ready"]),
  startedAt: z.iso.datetime(),
  url: z.string(),
  /** Its own copy of the code locations, change files in it at will. */
  codeFolder: z.string(),
  /** DAGSTER_HOME. */
  home: z.string(),
  /** Random word in the environment of each of its processes, runs included. */
  token: z.string(),
  /** The process whose end ends it. Null: it stays until somebody stops it. */
  owner: ProcessIdentity.nullable(),
  environment: z.record(z.string(), z.string()),
  components: z.array(
    z.object({
      name: z.string(),
      program: z.string(),
      args: z.array(z.string()),
      logFile: z.string(),
      process: ProcessIdentity.nullable(),
    }),
  ),
});
export type DagsterState = z.infer<typeof DagsterState>;

/** Dagster ends in order when told so; its webserver took 26 s on a busy machine. Nothing of it outlives its directory. */
const GRACE_MS = 6_000;

export const dagsterDirectory = (layout: CacheLayout, id: string): string => path.join(layout.dagster, id);
const stateFile = (layout: CacheLayout, id: string): string => path.join(dagsterDirectory(layout, id), "state.json");

/** Writes the state so that a reader sees the old or the new one, never half of it. */
export const writeDagsterState = async (layout: CacheLayout, state: DagsterState): Promise<void> => {
  const file = stateFile(layout, state.id);
  await writeFile(`${file}.${process.pid}`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
};

/** @returns undefined when there is no such Dagster. @throws STATE_UNREADABLE when its file is not one of ours */
export const readDagsterState = async (layout: CacheLayout, id: string): Promise<DagsterState | undefined> => {
  const file = stateFile(layout, id);
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return DagsterState.parse(JSON.parse(text));
  } catch (error) {
    throw new EngineToolError("STATE_UNREADABLE", { file, reason: reasonOf(error) }, error);
  }
};

/** All Dagsters, running or not, in the order of their ids. */
export const listDagsters = async (layout: CacheLayout): Promise<readonly DagsterState[]> => {
  const ids = (await readdir(layout.dagster).catch(() => [])).sort((a, b) =>
    a.localeCompare(b, "en", { numeric: true }),
  );
  const states = await Promise.all(ids.map((id) => readDagsterState(layout, id)));
  return states.filter((state) => state !== undefined);
};

const processesOf = (state: DagsterState): readonly ProcessIdentity[] =>
  state.components.flatMap(({ process }) => (process === null ? [] : [process]));

/** `lost`: its owner or all of its processes have ended. */
export const judgeDagster = async (state: DagsterState): Promise<"running" | "lost"> =>
  (await isAnyAlive(state.owner === null ? processesOf(state) : [state.owner])) ? "running" : "lost";

/** Ends it: processes with everything they started, then its directory unless its logs are to be kept. Safe to repeat. */
export const stopDagster = async (
  layout: CacheLayout,
  state: DagsterState,
  { keepLogs = false }: { readonly keepLogs?: boolean } = {},
): Promise<void> => {
  await stopProcesses({ leaders: processesOf(state), token: state.token, graceMs: GRACE_MS });
  const directory = dagsterDirectory(layout, state.id);
  if (!keepLogs) return await rm(directory, { recursive: true, force: true });
  const kept = path.join(layout.failed, state.id);
  await rm(kept, { recursive: true, force: true });
  await mkdir(path.dirname(kept), { recursive: true });
  return await rename(directory, kept).catch(() => undefined);
};

/** Takes an id by making its directory, which only one process can do. @throws ENGINE_EXISTS */
export const takeDagsterId = async (layout: CacheLayout, wanted?: string): Promise<string> => {
  await mkdir(layout.dagster, { recursive: true });
  for (let number = 1; ; number += 1) {
    const id = wanted ?? `dagster-${number}`;
    try {
      await mkdir(dagsterDirectory(layout, id), { mode: 0o700 });
      return id;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      if (wanted !== undefined) throw new EngineToolError("ENGINE_EXISTS", { id }, error);
    }
  }
};

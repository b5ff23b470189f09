import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { CacheLayout } from "../cache/layout.ts";
import { dropDatabase } from "../postgres/databases.ts";
import { stopUnusedServer } from "../postgres/own-server.ts";
import { removeServerUser } from "../postgres/server-users.ts";
import { stopProcesses } from "../process/stop-processes.ts";
import { type InstanceState, instanceDirectory, processesOf } from "../state/instance-state.ts";

/**
 * How long components may clean up. Short: nothing of an engine outlives it, its database is dropped,
 * and an Airflow 2 scheduler with a running task waits for that task.
 */
const GRACE_MS = 4_000;

/** Ends an engine: processes, database, directory. Safe to repeat, also for what a crash left behind. */
export const stopAirflow = async (
  layout: CacheLayout,
  state: InstanceState,
  { keepLogs = false }: { readonly keepLogs?: boolean } = {},
): Promise<void> => {
  await stopProcesses({ leaders: processesOf(state), token: state.token, graceMs: GRACE_MS });
  // A server that is gone took the database with it, or will be asked again by the next sweep: names tell whose they are.
  await dropDatabase(state.maintenanceUrl, state.databaseName).catch(() => undefined);
  await removeServerUser(layout, state.id);
  await stopUnusedServer(layout);
  const directory = instanceDirectory(layout, state.id);
  if (!keepLogs) return await rm(directory, { recursive: true, force: true });
  const kept = failedDirectory(layout, state.id);
  await rm(kept, { recursive: true, force: true });
  await mkdir(path.dirname(kept), { recursive: true });
  // Somebody else may have stopped it meanwhile; then there is nothing to keep.
  return await rename(directory, kept).catch(() => undefined);
};

/** Where the files of an engine that failed to start are kept, until one of that id fails again or they are cleaned. */
export const failedDirectory = (layout: CacheLayout, id: string): string => path.join(layout.failed, id);

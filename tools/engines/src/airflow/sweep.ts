import { rm, stat } from "node:fs/promises";
import { withExclusiveLock } from "../cache/exclusive-lock.ts";
import type { CacheLayout } from "../cache/layout.ts";
import { dropDatabase, listDatabases } from "../postgres/databases.ts";
import type { Progress } from "../progress.ts";
import { instanceDirectory, judgeInstance, listInstanceIds, readInstanceState } from "../state/instance-state.ts";
import { stopAirflow } from "./stop-airflow.ts";
import { databasePrefix } from "./template-database.ts";

/** A directory without a state file this old belongs to nobody: writing it is the first thing a start does. */
const STATELESS_AFTER_MS = 60_000;

/** Stops and removes engines whose owner, or all of whose processes, have ended. */
export const sweepLostEngines = (layout: CacheLayout, progress: Progress): Promise<void> =>
  withExclusiveLock(layout, "sweep", async () => {
    for (const id of await listInstanceIds(layout)) {
      const state = await readInstanceState(layout, id);
      if (state === undefined) {
        const { mtimeMs } = await stat(instanceDirectory(layout, id));
        if (Date.now() - mtimeMs > STATELESS_AFTER_MS)
          await rm(instanceDirectory(layout, id), { recursive: true, force: true });
      } else if ((await judgeInstance(state)) === "lost") {
        progress(`removing what is left of ${id}`);
        await stopAirflow(layout, state);
      }
    }
  });

/**
 * Drops this checkout's databases that no engine uses.
 * @param keep names that stay although no state file names them: templates
 */
export const dropUnusedDatabases = async (
  layout: CacheLayout,
  maintenanceUrl: string,
  keep: readonly string[],
): Promise<readonly string[]> => {
  const states = await Promise.all((await listInstanceIds(layout)).map((id) => readInstanceState(layout, id)));
  const used = new Set([...states.map((state) => state?.databaseName), ...keep]);
  const unused = (await listDatabases(maintenanceUrl, databasePrefix(layout))).filter((name) => !used.has(name));
  for (const name of unused) await dropDatabase(maintenanceUrl, name);
  return unused;
};

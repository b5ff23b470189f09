import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { CacheLayout } from "../cache/layout.ts";
import { isAnyAlive, ProcessIdentity } from "../process/identity.ts";

/**
 * Who uses the server of our own: one small file per user, naming the processes that live by it.
 * A user whose processes have all ended is none any more, so a crash leaves nobody behind.
 */
const ServerUser = z.object({ processes: z.array(ProcessIdentity) });

const folder = (layout: CacheLayout): string => path.join(layout.postgres, "users");
const fileOf = (layout: CacheLayout, name: string): string => path.join(folder(layout), `${name}.json`);

/** Says who uses the server, replacing what this user said before. */
export const registerServerUser = async (
  layout: CacheLayout,
  name: string,
  processes: readonly ProcessIdentity[],
): Promise<void> => {
  await mkdir(folder(layout), { recursive: true });
  // Renamed into place: a file that is read half-written would count as a user who has gone.
  const temporary = path.join(layout.postgres, `user-${name}.${process.pid}`);
  await writeFile(temporary, JSON.stringify({ processes }));
  await rename(temporary, fileOf(layout, name));
};

export const removeServerUser = (layout: CacheLayout, name: string): Promise<void> =>
  rm(fileOf(layout, name), { force: true });

/** Names of the users that still live; forgets the others. */
export const listServerUsers = async (layout: CacheLayout): Promise<readonly string[]> => {
  const living: string[] = [];
  for (const entry of await readdir(folder(layout)).catch(() => [])) {
    const name = path.basename(entry, ".json");
    const text = await readFile(fileOf(layout, name), "utf8").catch(() => "{}");
    const user = ServerUser.safeParse(JSON.parse(text));
    if (user.success && (await isAnyAlive(user.data.processes))) living.push(name);
    else await removeServerUser(layout, name);
  }
  return living;
};

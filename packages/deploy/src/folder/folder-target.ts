import { lstat, mkdir, realpath } from "node:fs/promises";
import path from "node:path";
import { AirfleetError } from "@airfleet/model";
import type { DeployTarget } from "../deploy-target.ts";
import { applyChange, listOurs } from "../own-folder/apply-change.ts";
import type { OwnFolder } from "../own-folder/own-folder.ts";
import { withFolderLock } from "./folder-lock.ts";
import { isMissing, isThere, toFolderError } from "./judge-failure.ts";
import { openLocalFolder } from "./own-local-folder.ts";

/** The folder that is ours, made where it is missing; no part of it below `base` may be a link. */
export const makeOwnFolder = async (base: string, subfolder: string, target: string): Promise<string> => {
  let folder = await realpath(base);
  for (const name of subfolder.split("/")) {
    folder = path.join(folder, name);
    await mkdir(folder, { mode: 0o755 }).catch((error: unknown) => {
      if (!isThere(error)) throw error;
    });
    if (!(await lstat(folder)).isDirectory()) throw new AirfleetError("DEPLOY_NAME_TAKEN", { path: folder, target });
  }
  return folder;
};

/** Opens our folder while nobody else writes to it. */
export const inOwnFolder = async <Answer>(
  place: { readonly base: string; readonly subfolder: string; readonly description: string },
  signal: AbortSignal,
  act: (folder: OwnFolder) => Promise<Answer>,
): Promise<Answer> => {
  const { base, subfolder, description } = place;
  try {
    const root = await makeOwnFolder(base, subfolder, description);
    return await withFolderLock(root, description, signal, () => act(openLocalFolder(root, description)));
  } catch (error) {
    signal.throwIfAborted();
    throw toFolderError(error, description);
  }
};

/** A folder of this machine. */
export const createFolderTarget = (config: { readonly path: string; readonly subfolder: string }): DeployTarget => {
  const { path: base, subfolder } = config;
  const description = `folder ${path.join(base, subfolder)}`;
  return {
    description,
    apply: (change, { signal }) =>
      inOwnFolder({ base, subfolder, description }, signal, (folder) => applyChange(folder, change, signal)),
    async list({ signal }) {
      signal.throwIfAborted();
      try {
        const root = await makeOwnFolder(base, subfolder, description);
        return await listOurs(openLocalFolder(root, description));
      } catch (error) {
        if (isMissing(error)) return new Map();
        throw toFolderError(error, description);
      }
    },
    close: () => Promise.resolve(),
  };
};

import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { AirfleetError } from "@airfleet/model";
import { sha256 } from "../own-folder/manifest.ts";
import type { OwnFolder } from "../own-folder/own-folder.ts";
import { isMissing, isThere, toFolderError } from "./judge-failure.ts";

const TEMPORARY = /^\.airfleet-[0-9a-f]{16}\.tmp$/;

const lstatOrNothing = async (file: string): Promise<Stats | undefined> => {
  try {
    return await lstat(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Makes the entries of a folder last: a rename is not on the disk before its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems know no such thing.
    if (!(error instanceof Error && "code" in error && (error.code === "EINVAL" || error.code === "ENOTSUP")))
      throw error;
  } finally {
    await handle.close();
  }
};

/** Removes a folder with nothing in it but what Python keeps beside its sources. Another removal may be quicker. */
const removeEmpty = async (folder: string): Promise<boolean> => {
  try {
    const left = await readdir(folder);
    if (left.some((name) => name !== "__pycache__")) return false;
    await rm(path.join(folder, "__pycache__"), { recursive: true, force: true });
    await rmdir(folder);
    return true;
  } catch {
    return false;
  }
};

/** Everything of ours in a folder of this machine, below `root`, which is there. Links are neither followed nor replaced. */
export const openLocalFolder = (root: string, description: string): OwnFolder => {
  const taken = (relative: string): AirfleetError =>
    new AirfleetError("DEPLOY_NAME_TAKEN", { path: relative, target: description });

  const guarded = async <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await act();
    } catch (error) {
      throw toFolderError(error, description);
    }
  };

  /** The folders on the way, none of them a link. Answers false where one is missing and shall not be made. */
  const walk = async (relative: string, makes: boolean): Promise<boolean> => {
    let folder = root;
    for (const name of relative.split("/").slice(0, -1)) {
      folder = path.join(folder, name);
      const found = await lstatOrNothing(folder);
      if (found === undefined) {
        if (!makes) return false;
        // Files of one folder are written at the same time.
        await mkdir(folder, { mode: 0o755 }).catch((error: unknown) => {
          if (!isThere(error)) throw error;
        });
        await syncFolder(path.dirname(folder));
      } else if (!found.isDirectory()) throw taken(relative);
    }
    return true;
  };

  const readBytes = async (relative: string): Promise<Buffer | undefined> => {
    if (!(await walk(relative, false))) return undefined;
    const file = path.join(root, relative);
    const found = await lstatOrNothing(file);
    if (found === undefined) return undefined;
    if (!found.isFile()) throw taken(relative);
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  };

  /** A new file in a folder that is made where it is missing, also when somebody tidies it away meanwhile. */
  const openTemporary = async (relative: string, temporary: string): Promise<FileHandle> => {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    await walk(relative, true);
    try {
      return await open(temporary, flags, 0o644);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await walk(relative, true);
      return open(temporary, flags, 0o644);
    }
  };

  const writeFile = async (relative: string, text: string, isNew: boolean): Promise<boolean> => {
    const file = path.join(root, relative);
    const folder = path.dirname(file);
    const temporary = path.join(folder, `.airfleet-${randomBytes(8).toString("hex")}.tmp`);
    try {
      const handle = await openTemporary(relative, temporary);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (isNew) {
        // A rename would silently replace a file that came in the meantime.
        try {
          await link(temporary, file);
        } catch (error) {
          if (isThere(error)) return false;
          throw error;
        }
      } else {
        const found = await lstatOrNothing(file);
        if (found !== undefined && !found.isFile()) throw taken(relative);
        await rename(temporary, file);
      }
      await syncFolder(folder);
      return true;
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  };

  return {
    description,
    read: (relative) =>
      guarded(async () => {
        const bytes = await readBytes(relative);
        return bytes === undefined ? undefined : { text: bytes.toString("utf8"), version: sha256(bytes) };
      }),
    hash: (relative) =>
      guarded(async () => {
        const bytes = await readBytes(relative);
        return bytes === undefined ? undefined : sha256(bytes);
      }),

    write: (relative, text, expected) =>
      guarded(async () => {
        if (typeof expected === "object") {
          const bytes = await readBytes(relative);
          if (bytes === undefined || sha256(bytes) !== expected.version) return undefined;
        }
        return (await writeFile(relative, text, expected === "new")) ? sha256(text) : undefined;
      }),

    remove: (relative) =>
      guarded(async () => {
        if (!(await walk(relative, false))) return;
        await rm(path.join(root, relative), { force: true });
        let folder = path.dirname(path.join(root, relative));
        while (folder !== root && (await removeEmpty(folder))) folder = path.dirname(folder);
      }),

    tidy: (paths) =>
      guarded(async () => {
        const folders = new Set([root, ...paths.map((relative) => path.join(root, path.dirname(relative)))]);
        for (const folder of folders) {
          const found = await lstatOrNothing(folder);
          if (found?.isDirectory() !== true) continue;
          for (const name of await readdir(folder)) {
            if (TEMPORARY.test(name)) await rm(path.join(folder, name), { force: true });
          }
          // Somebody died between removing the last file and the folder.
          if (folder !== root) await removeEmpty(folder);
        }
      }),
  };
};

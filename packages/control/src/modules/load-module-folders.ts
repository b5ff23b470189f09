import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ModuleDefinition, OwnModuleRefused, readOwnModule } from "@airfleet/compiler";
import { parse } from "yaml";
import type { LoadedModules, RefusedModule } from "./module-library.ts";

const MANIFEST = "module.yaml";
/** Files of a module are read as a whole; nobody writes more SQL or Python for one step. */
const MOST_BYTES = 1_000_000;

const nameOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Texts of the folder's files by name; what is no plain file of a sensible size is left out. */
const readFiles = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(folder, entry.name));
    if (bytes.length <= MOST_BYTES) texts.set(entry.name, bytes.toString("utf8"));
  }
  return texts;
};

const readFolder = async (folder: string): Promise<ModuleDefinition | undefined> => {
  const texts = await readFiles(folder);
  const manifest = texts.get(MANIFEST);
  if (manifest === undefined) return undefined;
  return readOwnModule({ manifest: parse(manifest), file: (name) => texts.get(name) });
};

/**
 * Reads every folder of these paths that holds a `module.yaml`. A bad one is named with the reason; the others count.
 *
 * @param paths folders of folders, absolute or from the working directory
 */
export const loadModuleFolders = async (paths: readonly string[]): Promise<LoadedModules> => {
  const modules = new Map<string, ModuleDefinition>();
  const refused: RefusedModule[] = [];
  for (const path of paths) {
    let folders: readonly string[];
    try {
      const entries = await readdir(path, { withFileTypes: true });
      folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
    } catch (error) {
      refused.push({ file: path, reason: `the folder cannot be read: ${nameOf(error)}` });
      continue;
    }
    for (const folder of folders.toSorted()) {
      const file = join(folder, MANIFEST);
      try {
        const module = await readFolder(folder);
        if (module === undefined) continue;
        if (modules.has(module.name))
          refused.push({ file, reason: `the name "${module.name}" is taken by another folder` });
        else modules.set(module.name, module);
      } catch (error) {
        const reason =
          error instanceof OwnModuleRefused ? error.message : `module.yaml cannot be read: ${nameOf(error)}`;
        refused.push({ file, reason });
      }
    }
  }
  return { modules: [...modules.values()], refused };
};

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { withExclusiveLock } from "../cache/exclusive-lock.ts";
import { type CacheLayout, cacheLayout, repositoryRoot } from "../cache/layout.ts";
import { EngineToolError, isEngineToolError, reasonOf } from "../errors.ts";
import { runCommand } from "../process/run-command.ts";
import { type Progress, silentProgress } from "../progress.ts";
import { ensureInstalled } from "./install.ts";
import { lockFileHash } from "./lock-file.ts";

/** The Python package `airfleet` as users install it. */
export interface UnpackedWheel {
  /** The wheel. */
  readonly file: string;
  /** Directory that holds the package and its metadata: on an engine's Python path, its entry points are found. */
  readonly site: string;
}

interface EnsureWheel {
  readonly layout?: CacheLayout;
  readonly progress?: Progress;
  /** The package's own directory. Default: `python` of this checkout. */
  readonly source?: string;
}

/** What a wheel is made of, by paths relative to the package's directory. */
const INGREDIENTS = ["pyproject.toml", "README.md", "src"];
const isLeftover = (file: string): boolean => /(^|\/)(__pycache__|\.[^/]*)(\/|$)|\.pyc$/.test(file);

const listFiles = async (source: string): Promise<readonly string[]> => {
  const found = await Promise.all(
    INGREDIENTS.map(async (name) => {
      const place = path.join(source, name);
      if (!(await stat(place)).isDirectory()) return [name];
      const entries = await readdir(place, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(source, path.join(entry.parentPath, entry.name)));
    }),
  );
  return found
    .flat()
    .filter((file) => !isLeftover(file))
    .sort();
};

/** Twelve hexadecimal digits of everything that a wheel depends on: names and contents of the sources, and what builds it. */
const hashSources = async (source: string): Promise<string> => {
  const hash = createHash("sha256").update(await lockFileHash("python"));
  for (const file of await listFiles(source)) {
    const content = await readFile(path.join(source, file));
    hash.update(`\0${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 12);
};

const findWheel = async (directory: string): Promise<string> => {
  const name = (await readdir(directory)).find((entry) => entry.endsWith(".whl"));
  if (name === undefined) throw new Error(`there is no wheel in ${directory}`);
  return path.join(directory, name);
};

const build = async (layout: CacheLayout, source: string, directory: string, progress: Progress): Promise<void> => {
  const uv = (await ensureInstalled(layout, "uv", progress)).executable("uv");
  // The environment of `python/` has the build backend, at the version of its lock file: nothing is fetched here.
  const python = (await ensureInstalled(layout, "python", progress)).executable("python");
  await mkdir(directory, { recursive: true });
  await runCommand({
    command: uv,
    args: [
      "build",
      "--wheel",
      "--quiet",
      "--offline",
      "--no-build-isolation",
      "--python",
      python,
      "-o",
      directory,
      source,
    ],
  });
  const options = ["--quiet", "--offline", "--no-deps", "--compile-bytecode", "--python", python];
  const target = path.join(directory, "site");
  await runCommand({
    command: uv,
    args: ["pip", "install", ...options, "--target", target, await findWheel(directory)],
  });
};

const exists = (place: string): Promise<boolean> =>
  stat(place).then(
    () => true,
    () => false,
  );

/**
 * Builds the package of this checkout and unpacks it into a directory of its own, unless that was done with the same
 * sources before. Installed environments stay as they are: an engine gets the directory on its Python path.
 * @throws INSTALL_FAILED
 */
export const ensureWheel = async (request: EnsureWheel = {}): Promise<UnpackedWheel> => {
  const { layout = cacheLayout(), progress = silentProgress, source = path.join(repositoryRoot, "python") } = request;
  const hash = await hashSources(source);
  const directory = path.join(layout.wheels, hash);
  const buildOnce = async (): Promise<void> => {
    if (await exists(directory)) return;
    const unfinished = `${directory}.new`;
    await rm(unfinished, { recursive: true, force: true });
    try {
      await build(layout, source, unfinished, progress);
    } catch (error) {
      const tail = isEngineToolError(error, "COMMAND_FAILED") ? String(error.details["tail"]) : reasonOf(error);
      throw new EngineToolError("INSTALL_FAILED", { name: "the wheel of airfleet", tail }, error);
    }
    // What bears the final name is whole, and of these sources: somebody may have saved a file meanwhile.
    if ((await hashSources(source)) === hash) await rename(unfinished, directory);
  };
  if (!(await exists(directory))) await withExclusiveLock(layout, `wheel-${hash}`, buildOnce);
  if (!(await exists(directory))) return ensureWheel(request);
  return { file: await findWheel(directory), site: path.join(directory, "site") };
};

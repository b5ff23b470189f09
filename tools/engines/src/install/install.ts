import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { withExclusiveLock } from "../cache/exclusive-lock.ts";
import type { CacheLayout } from "../cache/layout.ts";
import { EngineToolError, isEngineToolError, reasonOf } from "../errors.ts";
import { TOKEN_VARIABLE } from "../process/marked-processes.ts";
import { runCommand } from "../process/run-command.ts";
import { stopProcesses } from "../process/stop-processes.ts";
import type { Progress } from "../progress.ts";
import { type Installable, lockFileHash, lockFilePath } from "./lock-file.ts";
import { findPython } from "./python.ts";

export interface Environment {
  readonly directory: string;
  /** Path of an executable of the environment. */
  readonly executable: (name: string) => string;
  /** What it was installed from. */
  readonly lockHash: string;
}

const markerOf = (directory: string): string => path.join(directory, ".installed");

/** Whether the environment was installed to its end from this lock file. The marker is written last, so a killed install has none. */
export const isInstalled = async (directory: string, lockHash: string): Promise<boolean> =>
  (await readFile(markerOf(directory), "utf8").catch(() => "")).trim() === lockHash;

/** What the commands of one installation carry in their environment, so that a later attempt finds them. */
const tokenOf = (layout: CacheLayout, name: Installable): string => `install-${name}-${layout.fingerprint}`;

const installUv = async (directory: string, environment: NodeJS.ProcessEnv): Promise<void> => {
  const python = await findPython();
  try {
    await runCommand({ command: python.executable, args: ["-m", "venv", directory], environment });
  } catch (error) {
    if (!isEngineToolError(error, "COMMAND_FAILED")) throw error;
    throw new EngineToolError(
      "PYTHON_VENV_MISSING",
      { python: python.executable, reason: String(error.details["tail"]) },
      error,
    );
  }
  const pip = path.join(directory, "bin", "pip");
  const args = ["install", "--quiet", "--disable-pip-version-check", "-r", lockFilePath("uv")];
  await runCommand({ command: pip, args, environment });
};

const installWithUv = async (
  uv: string,
  name: Installable,
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> => {
  const python = await findPython();
  await runCommand({ command: uv, args: ["venv", "--quiet", "--python", python.executable, directory], environment });
  // Compiled once here instead of by the first start, where four processes would compile the same files at the same time.
  const options = ["--quiet", "--compile-bytecode", "--python", path.join(directory, "bin", "python")];
  await runCommand({ command: uv, args: ["pip", "install", ...options, "-r", lockFilePath(name)], environment });
};

const installAnew = async (
  layout: CacheLayout,
  name: Installable,
  directory: string,
  progress: Progress,
): Promise<void> => {
  const token = tokenOf(layout, name);
  // The commands of a killed installation run on, and would write into the directory that we are about to make.
  await stopProcesses({ leaders: [], token, graceMs: 0 });
  await rm(directory, { recursive: true, force: true });
  await mkdir(layout.environments, { recursive: true });
  // The machine's certificates, as pip: a company's proxy is known to them and not to the list that uv brings.
  const environment = { UV_SYSTEM_CERTS: "true", ...process.env, [TOKEN_VARIABLE]: token };
  if (name === "uv") return await installUv(directory, environment);
  const uv = (await ensureInstalled(layout, "uv", progress)).executable("uv");
  return await installWithUv(uv, name, directory, environment);
};

/**
 * Installs one lock file into an environment of its own, unless that was done before.
 * Two processes may ask at once: the second waits for the first.
 */
export const ensureInstalled = async (
  layout: CacheLayout,
  name: Installable,
  progress: Progress,
): Promise<Environment> => {
  const directory = path.join(layout.environments, name);
  const lockHash = await lockFileHash(name);
  const environment = { directory, lockHash, executable: (command: string) => path.join(directory, "bin", command) };
  if (await isInstalled(directory, lockHash)) return environment;

  const install = async (): Promise<void> => {
    if (await isInstalled(directory, lockHash)) return;
    progress(`installing ${name}`);
    const began = Date.now();
    try {
      await installAnew(layout, name, directory, progress);
    } catch (error) {
      const tail = isEngineToolError(error, "COMMAND_FAILED") ? String(error.details["tail"]) : reasonOf(error);
      throw isEngineToolError(error, "PYTHON_MISSING", "PYTHON_VENV_MISSING")
        ? error
        : new EngineToolError("INSTALL_FAILED", { name, tail }, error);
    }
    await writeFile(markerOf(directory), `${lockHash}\n`);
    progress(`installed ${name} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  };
  await withExclusiveLock(layout, `install-${name}`, install, {
    onWait: (pid) => progress(`waiting for process ${pid}, which installs ${name}`),
  });
  return environment;
};

import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { type CacheLayout, cacheLayout } from "../cache/layout.ts";
import { runCommand } from "../process/run-command.ts";
import { type Progress, silentProgress } from "../progress.ts";
import { ensureInstalled } from "./install.ts";

/** A clock for the processes of an engine that is moved while they run. Linux only. */
export interface MovableClock {
  /** What processes need in their environment in order to go by this clock. */
  readonly environment: Readonly<Record<string, string>>;
  /** From now on it differs from the machine's by so many seconds. */
  move(seconds: number): Promise<void>;
}

interface CreateMovableClock {
  /** Holds the file in which the difference stands. */
  readonly directory: string;
  readonly layout?: CacheLayout;
  readonly progress?: Progress;
}

/** The package keeps its library beside the sources that it builds it from. */
const FIND_LIBRARY = `
import os, libfaketime
print(os.path.join(os.path.dirname(libfaketime.__file__), "vendor", "libfaketime", "src", "libfaketime.so.1"))`;

/** Shows the machine's time at first. @throws INSTALL_FAILED */
export const createMovableClock = async ({
  directory,
  layout = cacheLayout(),
  progress = silentProgress,
}: CreateMovableClock): Promise<MovableClock> => {
  const python = (await ensureInstalled(layout, "faketime", progress)).executable("python");
  const library = (await runCommand({ command: python, args: ["-c", FIND_LIBRARY] })).trim();
  const file = path.join(directory, "clock");
  const move = async (seconds: number): Promise<void> => {
    await writeFile(`${file}.new`, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}\n`);
    await rename(`${file}.new`, file);
  };
  await move(0);
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      // Seconds until a process looks at the file again.
      FAKETIME_CACHE_DURATION: "1",
      // What measures durations goes on evenly, as on a machine whose clock is set.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
    move,
  };
};

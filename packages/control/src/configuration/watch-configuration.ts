import { existsSync, type FSWatcher, statSync, watch } from "node:fs";
import path from "node:path";

/** Ends the watching; safe to call twice. */
export interface ConfigurationWatch {
  close(): void;
}

/** Editors write in several steps: a moment of quiet tells that they have finished. */
const QUIET_MS = 150;

/** Changes whenever the file's content can have changed, also when another file took its name. */
const signatureOf = (file: string): string => {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    return `${ino}:${size}:${mtimeMs}:${ctimeMs}`;
  } catch {
    return "absent";
  }
};

const nearestDirectory = (file: string): string => {
  let directory = path.dirname(file);
  while (!existsSync(directory) && directory !== path.dirname(directory)) directory = path.dirname(directory);
  return directory;
};

/**
 * Calls back after files were written, replaced, made or removed.
 *
 * Directories are watched, not files: an editor that writes a new file and renames it over the old one leaves a watcher
 * of the file looking at nothing. So does a mounted Kubernetes secret, whose links change beside it.
 */
export const watchConfiguration = (
  files: readonly string[],
  onChange: () => void,
  quietMs: number = QUIET_MS,
): ConfigurationWatch => {
  const watchers = new Map<string, FSWatcher>();
  const sign = (): string => files.map(signatureOf).join("|");
  let known = sign();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const settle = (): void => {
    follow();
    const now = sign();
    if (now === known) return;
    known = now;
    onChange();
  };

  const wake = (): void => {
    if (isClosed) return;
    clearTimeout(timer);
    timer = setTimeout(settle, quietMs);
  };

  /** A directory that was made or removed moves the nearest one that can be watched. */
  const follow = (): void => {
    const wanted = new Set(files.map(nearestDirectory));
    for (const [directory, watcher] of watchers) {
      if (wanted.has(directory)) continue;
      watcher.close();
      watchers.delete(directory);
    }
    for (const directory of wanted) {
      if (watchers.has(directory)) continue;
      const watcher = watch(directory, { persistent: false }, wake);
      watcher.on("error", () => {
        watchers.delete(directory);
        watcher.close();
        wake();
      });
      watchers.set(directory, watcher);
    }
  };

  follow();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
};

import { useSyncExternalStore } from "react";

let now = Date.now();
let timer: number | undefined;
const watchers = new Set<() => void>();

const tick = (): void => {
  now = Date.now();
  for (const watcher of watchers) watcher();
};

const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  timer ??= window.setInterval(tick, 1_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    window.clearInterval(timer);
    timer = undefined;
  };
};

/** The time, once a second, the same for everything on the page. Epoch milliseconds. */
export const useNow = (): number => useSyncExternalStore(watch, () => now);

import type { DagId, InstanceId, RunAddress, RunId } from "@airfleet/model";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Loop } from "../reconcilers/loop.ts";
import { createWatchLoop, type WatchLoopPorts } from "./watch-loop.ts";

/** What somebody waits to hear of: an instance, a DAG of it, or one run. */
export interface WatchTarget {
  readonly instance: InstanceId;
  readonly dagId?: DagId;
  readonly runId?: RunId;
}

/** Who is looking at what, right now and in this process. */
export interface RunWatch {
  /**
   * From now on the target's changes are seen within about a second, and the tasks of its runs are kept, until the
   * answer is disposed of. Watching twice is watching once.
   */
  watch(target: WatchTarget): Disposable;
  /** Whether somebody watches this run, alone or with others. */
  isWatched(instance: InstanceId, run: RunAddress): boolean;
  /** Ends all watching. */
  close(): Promise<void>;
}

interface WatchPorts extends Omit<WatchLoopPorts, "targets" | "instance"> {
  readonly clock: Clock;
  readonly logger: Logger;
}

const covers = ({ dagId, runId }: WatchTarget, run: RunAddress): boolean =>
  (dagId === undefined || dagId === run.dagId) && (runId === undefined || runId === run.runId);

/** Reads watched instances on the watcher's account, in whichever process the watcher is. */
export const createRunWatch = (ports: WatchPorts): RunWatch => {
  const watched = new Map<InstanceId, { readonly targets: Set<WatchTarget>; readonly loop: Loop }>();
  const ending = new Set<Promise<void>>();
  let isClosed = false;

  const end = (instance: InstanceId): void => {
    const entry = watched.get(instance);
    if (entry === undefined) return;
    watched.delete(instance);
    const ended = entry.loop.stop();
    ending.add(ended);
    void ended.finally(() => ending.delete(ended));
  };

  const begin = (instance: InstanceId): Set<WatchTarget> => {
    const known = watched.get(instance);
    if (known !== undefined) return known.targets;
    const targets = new Set<WatchTarget>();
    const loop = createWatchLoop({ ...ports, instance, targets });
    watched.set(instance, { targets, loop });
    loop.start();
    return targets;
  };

  return {
    watch(target) {
      if (isClosed) return { [Symbol.dispose]: () => undefined };
      // An object of its own: two watchers of the same thing leave one by one.
      const own = { ...target };
      begin(target.instance).add(own);
      watched.get(target.instance)?.loop.wake();
      return {
        [Symbol.dispose]: () => {
          const entry = watched.get(target.instance);
          if (entry?.targets.delete(own) === true && entry.targets.size === 0) end(target.instance);
        },
      };
    },

    isWatched(instance, run) {
      for (const target of watched.get(instance)?.targets ?? []) if (covers(target, run)) return true;
      return false;
    },

    async close() {
      isClosed = true;
      for (const instance of watched.keys()) end(instance);
      await Promise.all(ending);
    },
  };
};

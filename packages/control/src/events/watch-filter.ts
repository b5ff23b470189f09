import { toDagId, toInstanceId, toRunId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { isInScope } from "../access/instance-scope.ts";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { RunWatch, WatchTarget } from "../runs/run-watch.ts";
import type { EventFilter } from "./event-filter.ts";

/** Somebody who watches what a filter is about. */
export interface FilterWatching {
  /** Something that the filter lets through has happened: what it is about may have begun to exist, or be another run now. */
  heard(): void;
  end(): void;
}

/** Says that somebody watches what a filter is about, as far as it is about few enough. */
export type WatchFilter = (filter: EventFilter, scope: Actor["instances"]) => FilterWatching;

interface WatchPorts {
  readonly watch: RunWatch;
  readonly store: Pick<Store, "runs" | "subjects">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A subject's next run may begin while somebody looks at it, and its event may have passed while the stream began. */
const LOOK_AGAIN_MS = 10_000;
/** Events come in bursts. */
const HEARD_MS = 250;
/** Who names more DAGs than that does not look at any of them. */
const MOST_TARGETS = 10;

const keyOf = ({ instance, dagId, runId }: WatchTarget): string => JSON.stringify([instance, dagId, runId]);

/** Finds out what a stream of events is about: one run, one subject, or single DAGs of single instances. */
export const createWatchFilter = ({ watch, store, clock, logger }: WatchPorts): WatchFilter => {
  const targetsOf = async ({ run, subject, instances, dagIds }: EventFilter): Promise<readonly WatchTarget[]> => {
    if (run !== undefined) {
      const known = await store.runs.find(run);
      return known === undefined
        ? []
        : [{ instance: known.instance, dagId: known.record.dagId, runId: known.record.runId }];
    }
    if (subject?.id !== undefined) {
      const known = await store.subjects.find({ type: subject.type, id: subject.id });
      const current = known?.currentRun;
      if (current === null || current === undefined) return [];
      return [
        { instance: toInstanceId(current.instance), dagId: toDagId(current.dagId), runId: toRunId(current.runId) },
      ];
    }
    const pairs = (instances ?? []).flatMap((instance) =>
      (dagIds ?? []).map((dagId) => ({ instance: toInstanceId(instance), dagId: toDagId(dagId) })),
    );
    return pairs.length > MOST_TARGETS ? [] : pairs;
  };

  return (filter, scope) => {
    const watched = new Map<string, Disposable>();
    let cancel: (() => void) | undefined;
    let isOver = false;
    let isSoon = false;

    const look = async (): Promise<void> => {
      const targets = (await targetsOf(filter)).filter(({ instance }) => isInScope({ instances: scope }, instance));
      if (isOver) return;
      const wanted = new Map(targets.map((target) => [keyOf(target), target]));
      for (const [key, target] of wanted) if (!watched.has(key)) watched.set(key, watch.watch(target));
      for (const [key, watching] of watched) {
        if (wanted.has(key)) continue;
        watching[Symbol.dispose]();
        watched.delete(key);
      }
    };

    const plan = (delayMs: number): void => {
      cancel?.();
      if (!isOver) cancel = clock.after(delayMs, lookAgain);
    };
    const lookAgain = (): void => {
      isSoon = false;
      look()
        .catch((error: unknown) => logger.debug({ err: error }, "what a stream is about could not be found out"))
        .finally(() => {
          if (!isSoon) plan(LOOK_AGAIN_MS);
        });
    };
    lookAgain();

    return {
      heard() {
        // One run, once found, and named DAGs stay the same.
        const mayMove = filter.run === undefined ? filter.subject?.id !== undefined : watched.size === 0;
        if (isSoon || !mayMove) return;
        isSoon = true;
        plan(HEARD_MS);
      },
      end() {
        isOver = true;
        cancel?.();
        for (const watching of watched.values()) watching[Symbol.dispose]();
        watched.clear();
      },
    };
  };
};

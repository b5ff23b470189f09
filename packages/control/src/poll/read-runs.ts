import type { Engine, Page } from "@airfleet/engine";
import { isAirfleetError, type Run } from "@airfleet/model";
import { atRest, type RunFeedPlace } from "./run-feed-place.ts";

/** How far before the instance's own time a reading of changes begins: its transactions become visible late. */
export const OVERLAP_MS = 30_000;
/** Calls that a reading may always make; more of them only out of its budget. What is left waits for the next one. */
const USUAL_PAGES = 2;
/** Against a list that never ends. */
const PAGE_CAP = 500;

interface ReadOptions {
  readonly signal: AbortSignal;
  /** Time of the instance that may be spent, in milliseconds. */
  readonly budgetMs: number;
  /** The instance's clock, epoch milliseconds. */
  readonly now: () => number;
  /** Takes one page into the store, before the place moves behind it. `begunAt` by the instance's clock. */
  readonly take: (runs: readonly Run[], begunAt: number) => Promise<void>;
  /** Told of each step, so that a restart goes on there. */
  readonly moved: (place: RunFeedPlace) => Promise<void>;
}

/** A cursor of a server that was upgraded meanwhile, or one that it has forgotten: the walk begins anew. */
const isBadCursor = (error: unknown, place: RunFeedPlace): boolean =>
  place.next !== null && isAirfleetError(error, "AIRFLOW_REFUSED", "CURSOR_INVALID");

/**
 * Reads the runs that changed: one call where nothing, or little, happened; else page after page within the budget. The
 * first reading of an instance takes its newest runs, since a feed from the beginning of time would tell the oldest
 * first; what is older is read as history.
 *
 * @returns Milliseconds that the instance took to answer; our own writing does not count against it.
 */
export const readRuns = async (engine: Engine, start: RunFeedPlace, options: ReadOptions): Promise<number> => {
  const { signal, budgetMs, now, take, moved } = options;
  const { pageLimit } = await engine.capabilities({ signal });
  let place = start;
  let spentMs = 0;
  for (let page = 0; page < PAGE_CAP; page += 1) {
    const begunAt = now();
    const startedAt = performance.now();
    let answer: Page<Run>;
    try {
      answer = await engine.listRuns(
        {
          limit: pageLimit,
          ...(place.since === null ? {} : { changedSince: place.since }),
          ...(place.next === null ? {} : { after: place.next }),
        },
        { signal },
      );
    } catch (error) {
      if (!isBadCursor(error, place)) throw error;
      place = atRest(place.since);
      await moved(place);
      continue;
    }
    const tookMs = performance.now() - startedAt;
    spentMs += tookMs;
    const answeredAt = answer.answeredAt ?? begunAt + tookMs;
    const pending = place.pending ?? new Date(answeredAt - tookMs - OVERLAP_MS).toISOString();
    await take(answer.items, begunAt);
    const isEnd = answer.next === null || (place.since === null && page + 1 >= USUAL_PAGES);
    place = isEnd ? atRest(pending) : { since: place.since, next: answer.next, pending };
    await moved(place);
    if (isEnd || (page + 1 >= USUAL_PAGES && spentMs >= budgetMs)) break;
  }
  return spentMs;
};

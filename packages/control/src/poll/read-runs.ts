import type { Engine, Page } from "@airfleet/engine";
import { isAirfleetError, type Run } from "@airfleet/model";
import type { FeedCall } from "./run-budget.ts";
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
  /** What a call counts of it. */
  readonly costOf: (call: FeedCall) => number;
  /** The instance's clock, epoch milliseconds. */
  readonly now: () => number;
  /** Takes one page into the store, before the place moves behind it. `begunAt` by the instance's clock. */
  readonly take: (runs: readonly Run[], begunAt: number) => Promise<void>;
  /** Told of each step, so that a restart goes on there. */
  readonly moved: (place: RunFeedPlace) => Promise<void>;
}

/** A cursor of a server that was upgraded meanwhile, or one that it has forgotten: the walk begins anew. */
const isBadCursor = (error: unknown, place: RunFeedPlace): boolean =>
  place.next !== null && isAirfleetError(error, "AIRFLOW_REFUSED", "INSTANCE_REFUSED", "CURSOR_INVALID");

/** One page, when its reading was begun by the instance's clock, and how long the instance took. */
interface Asked {
  readonly page: Page<Run>;
  readonly begunAt: number;
  readonly tookMs: number;
}

/** `since` of the next walk: a little before the first page of this one was answered. */
const sinceAfter = (place: RunFeedPlace, { page, begunAt, tookMs }: Asked): string =>
  place.pending ?? new Date((page.answeredAt ?? begunAt + tookMs) - tookMs - OVERLAP_MS).toISOString();

/**
 * Reads the runs that changed: one call where nothing, or little, happened; else page after page within the budget, the
 * next one on its way while one is taken in. The first reading of an instance takes its newest runs, since a feed from
 * the beginning of time would tell the oldest first; what is older is read as history.
 *
 * @returns Milliseconds that the calls cost the instance; our own writing counts only where it kept an answer waiting.
 */
export const readRuns = async (engine: Engine, start: RunFeedPlace, options: ReadOptions): Promise<number> => {
  const { signal, budgetMs, costOf, now, take, moved } = options;
  const { pageLimit } = await engine.capabilities({ signal });

  const ask = async ({ since, next }: RunFeedPlace): Promise<Asked> => {
    const begunAt = now();
    const startedAt = performance.now();
    const page = await engine.listRuns(
      {
        limit: pageLimit,
        ...(since === null ? {} : { changedSince: since }),
        ...(next === null ? {} : { after: next }),
      },
      { signal },
    );
    return { page, begunAt, tookMs: performance.now() - startedAt };
  };

  let place = start;
  let spentMs = 0;
  let asking = ask(place);
  for (let count = 1; ; count += 1) {
    let asked: Asked;
    try {
      asked = await asking;
    } catch (error) {
      if (!isBadCursor(error, place)) throw error;
      place = atRest(place.since);
      await moved(place);
      asking = ask(place);
      continue;
    }
    const { items, next } = asked.page;
    spentMs += costOf({ tookMs: asked.tookMs, isFull: next !== null });
    const pending = sinceAfter(place, asked);
    const isEnd = next === null || (place.since === null && count >= USUAL_PAGES);
    const reached = isEnd ? atRest(pending) : { since: place.since, next, pending };
    const goesOn = !isEnd && count < PAGE_CAP && (count < USUAL_PAGES || spentMs < budgetMs);
    if (goesOn) {
      asking = ask(reached);
      // Whether it fails is looked at when this page is in the store.
      asking.catch(() => undefined);
    }
    await take(items, asked.begunAt);
    place = reached;
    await moved(place);
    if (!goesOn) return spentMs;
  }
};

import type { Engine } from "@airfleet/engine";
import type { Run } from "@airfleet/model";

/** How far before the instance's own time a reading of changes begins: its transactions become visible late. */
const OVERLAP_MS = 30_000;
/** Calls per reading. What is left waits for the next one. */
const PAGES = 2;

/** Where the next reading goes on: after a page, or at a time. */
export interface RunFeedPlace {
  /** The instance's own clock, RFC 3339; null before the first reading. */
  readonly since: string | null;
  /** The page that is next, when the last reading did not come to the end. */
  readonly next: string | null;
  /** What `since` will be once the end is reached. */
  readonly pending: string | null;
}

export const startOfFeed = (watermark: string | null): RunFeedPlace => ({
  since: watermark,
  next: null,
  pending: null,
});

interface ReadOptions {
  readonly signal: AbortSignal;
  /** Our clock, epoch milliseconds. */
  readonly now: number;
  /** The instance's clock minus ours. */
  readonly skewMs: number;
}

/**
 * Reads the runs that changed, in at most two calls. The first reading takes the newest runs instead, since a feed from
 * the beginning of time would tell the oldest first.
 */
export const readRuns = async (
  engine: Engine,
  place: RunFeedPlace,
  { signal, now, skewMs }: ReadOptions,
): Promise<{ readonly runs: readonly Run[]; readonly place: RunFeedPlace }> => {
  const { pageLimit } = await engine.capabilities({ signal });
  const pending = place.pending ?? new Date(now + skewMs - OVERLAP_MS).toISOString();
  const runs: Run[] = [];
  let next = place.next;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await engine.listRuns(
      {
        limit: pageLimit,
        ...(place.since === null ? {} : { changedSince: place.since }),
        ...(next === null ? {} : { after: next }),
      },
      { signal },
    );
    runs.push(...answer.items);
    next = answer.next;
    if (next === null) break;
  }
  // Newest first: the oldest runs of a long history need not be read to know each DAG's last one.
  if (place.since === null) return { runs: runs.toReversed(), place: startOfFeed(pending) };
  return { runs, place: next === null ? startOfFeed(pending) : { since: place.since, next, pending } };
};

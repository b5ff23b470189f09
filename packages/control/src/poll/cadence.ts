/** What is read of an instance on its own schedule. */
export const FEEDS = ["health", "dags", "runs"] as const;
export type Feed = (typeof FEEDS)[number];

/** What decides how often an instance may be asked. */
export interface CadenceFacts {
  /** Airflow 2 checks a password by scrypt, which is ~77 ms of its CPU for every request. */
  readonly isCostly: boolean;
  /** Wanted seconds between two sweeps over the DAG list. */
  readonly sweepSeconds: number | undefined;
  /** How long the last successful reading took; 0 when there was none. */
  readonly lastDurationMs: number;
}

/**
 * The least time between two readings, and the share of the instance's time that they may take. With the share of the
 * slow sweeps (`CHORES_SHARE`) they add up to 5 %. A reading's duration counts as the server's time: it includes the network, so we err on the server's side.
 */
const RULES = {
  health: { floorMs: 15_000, costlyFloorMs: 30_000, share: 0.005 },
  dags: { floorMs: 10_000, costlyFloorMs: 60_000, share: 0.025 },
  runs: { floorMs: 5_000, costlyFloorMs: 10_000, share: 0.015 },
} as const satisfies Record<Feed, { floorMs: number; costlyFloorMs: number; share: number }>;

/** For what has time: finding out which runs are gone. */
export const CHORES_SHARE = 0.005;

/** For the feed of changed runs. */
export const RUNS_SHARE = RULES.runs.share;

/** However slow an instance is, it is looked at this often. */
const CEILING_MS = 15 * 60_000;

/**
 * Milliseconds between the beginnings of two readings of a feed: what we promise. Anybody can compute it from the last
 * reading, so a process that does not poll knows as well what is stale.
 */
export const promisedIntervalMs = (feed: Feed, { isCostly, sweepSeconds, lastDurationMs }: CadenceFacts): number => {
  const { floorMs, costlyFloorMs, share } = RULES[feed];
  const usual = isCostly ? costlyFloorMs : floorMs;
  const floor = feed === "dags" && sweepSeconds !== undefined ? sweepSeconds * 1_000 : usual;
  return Math.max(floor, Math.min(CEILING_MS, Math.round(lastDurationMs / share)));
};

/** The same for the feed of changed runs while a run of ours is under way: twice as often, as far as its share allows. */
export const eagerIntervalMs = (promisedMs: number, owedMs: number): number =>
  Math.min(promisedMs, Math.max(promisedMs / 2, owedMs / RUNS_SHARE));

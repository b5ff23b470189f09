import type { Engine } from "@airfleet/engine";
import { type InstanceId, isAirfleetError } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import { backOffMs } from "../reconcilers/back-off.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { RunReader } from "../runs/run-reader.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import type { TaskReader } from "../runs/task-reader.ts";
import { eagerIntervalMs, FEEDS, type Feed } from "./cadence.ts";
import { createRunFeed, type RunFeed } from "./run-feed.ts";
import { createSlowReading, type HistoryBounds } from "./slow-reading.ts";
import { sweepDags } from "./sweep-dags.ts";

export interface PollerPorts {
  readonly registry: InstanceRegistry;
  readonly conditions: InstanceConditions;
  readonly store: Store;
  readonly tracker: RunTracker;
  readonly reader: RunReader;
  readonly tasks: TaskReader;
  readonly history: HistoryBounds;
  /** Whether polling this instance is our part of the work right now. */
  readonly isOurs: (instance: InstanceId) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
}

/** How soon to look again whether an instance has become ours. */
const NOT_OURS_MS = 5_000;
const FIRST_BACK_OFF_MS = 5_000;
const BACK_OFF_CAP_MS = 5 * 60_000;
/** Loops of a hundred instances start spread over this time. */
const SPREAD_MS = 1_000;

/**
 * Keeps one instance's feeds fresh, one call after the other, each feed on its own cadence. Every instance has a poller
 * of its own, so that a hanging one delays nobody else.
 */
export const createInstancePoller = (instance: InstanceId, ports: PollerPorts): Loop => {
  const { registry, conditions, store, tracker, tasks, isOurs, clock, logger, metrics, random } = ports;
  const failures = new Map<Feed, number>();
  const nextAt = new Map<Feed, number>();
  const slow = createSlowReading(instance, ports);
  let runFeed: RunFeed | undefined;
  let eagerMs: number | undefined;
  /** Why it could not be read, as last logged. */
  let complaint: string | undefined;

  const readHealth = async (engine: Engine, attemptedAt: number, signal: AbortSignal): Promise<void> => {
    const probe = await engine.probe({ signal });
    const durationMs = clock.now() - attemptedAt;
    await conditions.succeeded({ instance, feed: "health", attemptedAt, durationMs, probe });
  };

  const readDags = async (engine: Engine, attemptedAt: number, signal: AbortSignal): Promise<void> => {
    const durationMs = await sweepDags(engine, store, { now: () => clock.now(), signal });
    await conditions.succeeded({ instance, feed: "dags", attemptedAt, durationMs });
  };

  const readRunFeed = async (engine: Engine, attemptedAt: number, signal: AbortSignal): Promise<void> => {
    const lastRead = (): number | null => conditions.freshness(registry.get(instance), "runs").observedAt;
    runFeed ??= createRunFeed({
      instance,
      store,
      tracker,
      tasks,
      clock,
      watermark: conditions.watermark(instance, "runs"),
      idleSince: lastRead(),
      // On the way nothing was read to its end: who takes over still has the time that we were away.
      keep: (watermark) =>
        store.readings.succeeded({ instance, feed: "runs", attemptedAt: lastRead() ?? 0, durationMs: 0, watermark }),
    });
    const { owedMs, watermark, isEager } = await runFeed.read(engine, signal);
    await conditions.succeeded({
      instance,
      feed: "runs",
      attemptedAt,
      durationMs: owedMs,
      ...(watermark === null ? {} : { watermark }),
    });
    const { promisedIntervalMs } = conditions.freshness(registry.get(instance), "runs");
    eagerMs = isEager ? eagerIntervalMs(promisedIntervalMs, owedMs) : undefined;
  };

  const READERS = { health: readHealth, dags: readDags, runs: readRunFeed } as const satisfies Record<Feed, unknown>;

  /** Feeds mostly fail together and for the same reason: told once, until the reason changes or it is over. */
  const complain = (feed: Feed, error: unknown): void => {
    const reason = isAirfleetError(error) ? error.code : String(error);
    if (reason === complaint) return;
    complaint = reason;
    logger.warn({ err: error, instance, feed }, "an instance could not be read");
  };

  const recover = (): void => {
    if (complaint === undefined) return;
    complaint = undefined;
    logger.info({ instance }, "an instance can be read again");
  };

  const readFeed = async (feed: Feed, signal: AbortSignal): Promise<void> => {
    const attemptedAt = clock.now();
    try {
      await registry.use(instance, (engine) => READERS[feed](engine, attemptedAt, signal));
      failures.delete(feed);
      if (failures.size === 0) recover();
      metrics.polled({ instance, feed, ok: true, durationMs: clock.now() - attemptedAt });
      const { promisedIntervalMs } = conditions.freshness(registry.get(instance), feed);
      nextAt.set(feed, attemptedAt + ((feed === "runs" ? eagerMs : undefined) ?? promisedIntervalMs));
    } catch (error) {
      // A reading that we ended ourselves says nothing about the instance.
      if (signal.aborted) return;
      const durationMs = clock.now() - attemptedAt;
      const count = (failures.get(feed) ?? 0) + 1;
      failures.set(feed, count);
      nextAt.set(feed, clock.now() + backOffMs(count, { firstMs: FIRST_BACK_OFF_MS, capMs: BACK_OFF_CAP_MS, random }));
      metrics.polled({ instance, feed, ok: false, durationMs });
      complain(feed, error);
      await conditions.failed({ instance, feed, attemptedAt, durationMs, error });
    }
  };

  const step = async (signal: AbortSignal): Promise<number> => {
    if (!isOurs(instance) || !registry.get(instance).config.enabled) {
      runFeed = undefined;
      return NOT_OURS_MS;
    }
    for (const feed of FEEDS) {
      if (signal.aborted) return 0;
      // An instance that does not even answer for its health is not asked for more.
      if (feed !== "health" && failures.has("health")) break;
      if ((nextAt.get(feed) ?? 0) <= clock.now()) await readFeed(feed, signal);
    }
    if (failures.size === 0 && !signal.aborted) await slow.step(signal);
    const feeds: readonly Feed[] = failures.has("health") ? ["health"] : FEEDS;
    const next = [...feeds.map((feed) => nextAt.get(feed) ?? 0), ...(failures.size === 0 ? [slow.nextAt()] : [])];
    return Math.max(0, Math.min(...next) - clock.now());
  };

  return createLoop({ name: `poll ${instance}`, step, clock, logger, random, spreadMs: SPREAD_MS });
};

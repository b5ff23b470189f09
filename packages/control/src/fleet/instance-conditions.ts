import type { BreakerState, Probe } from "@airfleet/engine";
import { type ErrorCode, type InstanceId, isAirfleetError } from "@airfleet/model";
import type { Reading, Store } from "@airfleet/store";
import { type Feed, promisedIntervalMs } from "../poll/cadence.ts";
import type { InstanceStatus } from "./fleet-instance.ts";
import { differenceOf, type InstanceFacts, toInstanceFacts } from "./instance-facts.ts";
import { type FeedFreshness, type KeptProbe, toInstanceStatus } from "./instance-status.ts";
import type { DefinedInstance } from "./merge-sources.ts";

/** One attempt at reading a feed. */
export interface FeedAttempt {
  readonly instance: InstanceId;
  readonly feed: Feed;
  /** Epoch milliseconds. */
  readonly attemptedAt: number;
  readonly durationMs: number;
}

/**
 * What was last read of each instance, and when. Held in memory, because every answer carries it; written to the store
 * so that it outlives a restart and other processes see it.
 */
export interface InstanceConditions {
  /** Reads what the store knows; readings of our own that are newer stay. */
  load(): Promise<void>;
  freshness(instance: DefinedInstance, feed: Feed): FeedFreshness;
  status(instance: DefinedInstance, breaker: InstanceStatus["breaker"]): InstanceStatus;
  /** Where the feed's next reading goes on. */
  watermark(instance: InstanceId, feed: Feed): string | null;
  probe(instance: InstanceId): KeptProbe | null;
  /** Whether each call costs the instance a password hash; said of one that we do not know yet, too. */
  isCostly(instance: DefinedInstance): boolean;
  succeeded(attempt: FeedAttempt & { readonly probe?: Probe; readonly watermark?: string }): Promise<void>;
  failed(attempt: FeedAttempt & { readonly error: unknown }): Promise<void>;
}

type FeedMemory = Pick<Reading, "attemptedAt" | "succeededAt" | "durationMs" | "watermark" | "error">;

interface Memory {
  readonly feeds: Map<string, FeedMemory>;
  probe: KeptProbe | null;
  /** When each feed was last written to the store. */
  readonly writtenAt: Map<string, number>;
  /** As last told, so that a breaker which nobody asked about in between is noticed at the next reading. */
  breaker: BreakerState;
}

interface ConditionOptions {
  readonly store: Store;
  readonly now: () => number;
  /**
   * Successes are written at most this often per feed, in milliseconds; failures and recoveries at once. After a restart
   * a reading then looks a little older than it is, never younger.
   */
  readonly writeEveryMs: number;
  /** Least seconds between two sweeps, where the instance's own limits say nothing. */
  readonly sweepSeconds: number | undefined;
  /** Whether this process's calls to the instance are let through. */
  readonly breaker: (instance: InstanceId) => BreakerState;
  /** Something was written that listeners wait for. */
  readonly onWritten: () => void;
}

const toReadingError = (error: unknown): { readonly code: ErrorCode; readonly message: string } =>
  isAirfleetError(error)
    ? { code: error.code, message: error.message }
    : { code: "INTERNAL", message: "reading failed inside Airfleet; its log tells why" };

/** Airflow 2 behind a password is costly; so is an instance of which we do not know better yet. */
const isCostly = ({ config: { auth } }: DefinedInstance, probe: KeptProbe | null): boolean =>
  auth.type === "basic" && (probe === null || probe.generation === 2);

export const createInstanceConditions = (options: ConditionOptions): InstanceConditions => {
  const { store, now, writeEveryMs, breaker, onWritten } = options;
  const memories = new Map<InstanceId, Memory>();

  const remember = (instance: InstanceId): Memory => {
    const known = memories.get(instance);
    if (known !== undefined) return known;
    const memory: Memory = { feeds: new Map(), probe: null, writtenAt: new Map(), breaker: "closed" };
    memories.set(instance, memory);
    return memory;
  };

  const factsOf = (memory: Memory): InstanceFacts =>
    toInstanceFacts({
      probe: memory.probe,
      health: { error: memory.feeds.get("health")?.error ?? null },
      breaker: memory.breaker,
    });

  /** Tells listeners what is different now. */
  const tell = async (instance: InstanceId, memory: Memory, before: InstanceFacts): Promise<void> => {
    memory.breaker = breaker(instance);
    const difference = differenceOf(before, factsOf(memory));
    if (difference === undefined) return;
    await store.events.append({ kind: "instance.changed", instance, payload: { ...difference } });
    onWritten();
  };

  const freshness = (defined: DefinedInstance, feed: Feed): FeedFreshness => {
    const memory = memories.get(defined.config.id);
    const reading = memory?.feeds.get(feed);
    return {
      observedAt: reading?.succeededAt ?? null,
      promisedIntervalMs: promisedIntervalMs(feed, {
        isCostly: isCostly(defined, memory?.probe ?? null),
        sweepSeconds: defined.config.limits.sweep_seconds ?? options.sweepSeconds,
        // A failed attempt says how long we waited, not how long the instance worked.
        lastDurationMs: reading === undefined || reading.error !== null ? 0 : reading.durationMs,
      }),
      error: reading?.error ?? null,
    };
  };

  return {
    freshness,
    watermark: (instance, feed) => memories.get(instance)?.feeds.get(feed)?.watermark ?? null,
    probe: (instance) => memories.get(instance)?.probe ?? null,
    isCostly: (defined) => isCostly(defined, memories.get(defined.config.id)?.probe ?? null),

    async load() {
      const [readings, probes] = await Promise.all([store.readings.list(), store.probes.list()]);
      for (const reading of readings) {
        const { feeds } = remember(reading.instance);
        if ((feeds.get(reading.feed)?.attemptedAt ?? 0) < reading.attemptedAt) feeds.set(reading.feed, reading);
      }
      for (const { instance, result } of probes) {
        // Written by ourselves, so its shape is taken for granted.
        if (result !== null) remember(instance).probe = result as unknown as KeptProbe;
      }
    },

    status: (defined, calls) =>
      toInstanceStatus(
        {
          enabled: defined.config.enabled,
          probe: memories.get(defined.config.id)?.probe ?? null,
          health: freshness(defined, "health"),
          dags: freshness(defined, "dags"),
          runs: freshness(defined, "runs"),
          breaker: calls,
        },
        now(),
      ),

    async succeeded({ instance, feed, attemptedAt, durationMs, probe, watermark }) {
      const memory = remember(instance);
      const facts = factsOf(memory);
      const before = memory.feeds.get(feed);
      memory.feeds.set(feed, {
        attemptedAt,
        succeededAt: attemptedAt,
        durationMs,
        watermark: watermark ?? before?.watermark ?? null,
        error: null,
      });
      const changed =
        before === undefined ||
        before.error !== null ||
        (probe !== undefined && probe.version !== memory.probe?.version);
      if (probe !== undefined) memory.probe = probe;
      await tell(instance, memory, facts);
      // The sweep wrote its events in transactions of its own.
      if (feed === "dags") onWritten();
      if (!changed && now() - (memory.writtenAt.get(feed) ?? 0) < writeEveryMs) return;
      memory.writtenAt.set(feed, now());
      const attempt = { instance, feed, attemptedAt, durationMs };
      await store.readings.succeeded(watermark === undefined ? attempt : { ...attempt, watermark });
      if (probe !== undefined) await store.probes.save(instance, probe, attemptedAt);
    },

    async failed({ instance, feed, attemptedAt, durationMs, error }) {
      const memory = remember(instance);
      const facts = factsOf(memory);
      const before = memory.feeds.get(feed);
      const reason = toReadingError(error);
      memory.feeds.set(feed, {
        attemptedAt,
        succeededAt: before?.succeededAt ?? null,
        durationMs,
        watermark: before?.watermark ?? null,
        error: { ...reason, at: attemptedAt },
      });
      await tell(instance, memory, facts);
      if (before?.error?.code === reason.code && now() - (memory.writtenAt.get(feed) ?? 0) < writeEveryMs) return;
      memory.writtenAt.set(feed, now());
      await store.readings.failed({ instance, feed, attemptedAt, durationMs, error: reason });
    },
  };
};

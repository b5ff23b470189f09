import { createHash } from "node:crypto";
import type { BreakerState, Engine } from "@airfleet/engine";
import { AirfleetError, type InstanceConfig, type InstanceId, type ResolvedInstanceConfig } from "@airfleet/model";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createEngineHolder, type EngineHolder, type LentEngine } from "./engine-holder.ts";
import type { DefinedInstance } from "./merge-sources.ts";

/**
 * Makes the engine of one instance. Limits per instance are meant for the fleet as a whole, so each of `processes`
 * server processes takes its part.
 */
export type CreateEngine = (config: ResolvedInstanceConfig, share: { readonly processes: number }) => Engine;

/** The instances of the fleet, and the one engine that each of them has in this process. */
export interface InstanceRegistry {
  list(): readonly DefinedInstance[];
  /** @throws {AirfleetError} INSTANCE_UNKNOWN */
  get(id: InstanceId): DefinedInstance;
  /** @throws {AirfleetError} INSTANCE_UNKNOWN, INSTANCE_DISABLED */
  getEnabled(id: InstanceId): DefinedInstance;
  /** Lends the instance's engine for a while. @throws {AirfleetError} INSTANCE_UNKNOWN, INSTANCE_DISABLED, SECRET_UNAVAILABLE */
  lend(id: InstanceId): LentEngine;
  /** The same around one call. */
  use<Answer>(id: InstanceId, call: (engine: Engine) => Promise<Answer>): Promise<Answer>;
  /**
   * Takes over a new definition of the fleet. Engines are replaced only where their configuration changed; the old ones
   * are closed after their calls have ended. Nothing changes when a secret cannot be had.
   *
   * @throws {AirfleetError} SECRET_UNAVAILABLE
   */
  apply(defined: readonly DefinedInstance[]): void;
  /** Whether this process's calls to the instance are let through; closed where the engine does not say. */
  breaker(id: InstanceId): BreakerState;
  /** How many server processes share each instance's limits. */
  setProcesses(count: number): void;
  /** Closes every engine once its calls have ended, or after `withinMs`, which ends them. */
  close(withinMs: number): Promise<void>;
}

interface Entry {
  readonly defined: DefinedInstance;
  /** Undefined while the instance is disabled. */
  readonly resolved: { readonly config: ResolvedInstanceConfig; readonly fingerprint: string } | undefined;
  holder: EngineHolder | undefined;
}

interface RegistryOptions {
  readonly createEngine: CreateEngine;
  readonly resolveSecrets: (config: InstanceConfig) => ResolvedInstanceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Over the secrets as well, so that a rotated one in a file replaces the engine. */
const fingerprintOf = (config: ResolvedInstanceConfig): string =>
  createHash("sha256").update(JSON.stringify(config)).digest("base64url");

export const createInstanceRegistry = (options: RegistryOptions): InstanceRegistry => {
  const { createEngine, resolveSecrets, clock, logger } = options;
  let entries = new Map<InstanceId, Entry>();
  let processes = 1;
  const retiring = new Set<{ readonly holder: EngineHolder; readonly closed: Promise<void> }>();

  const retire = (id: InstanceId, holder: EngineHolder | undefined): void => {
    if (holder === undefined) return;
    const closed = holder
      .retire()
      .catch((error: unknown) => logger.warn({ err: error, instance: id }, "an engine did not close cleanly"));
    const one = { holder, closed };
    retiring.add(one);
    void closed.then(() => retiring.delete(one));
  };

  const getEntry = (id: InstanceId): Entry => {
    const entry = entries.get(id);
    if (entry === undefined) throw new AirfleetError("INSTANCE_UNKNOWN", { instance: id, known: [...entries.keys()] });
    return entry;
  };

  const lend = (id: InstanceId): LentEngine => {
    const entry = getEntry(id);
    if (entry.resolved === undefined) throw new AirfleetError("INSTANCE_DISABLED", { instance: id });
    entry.holder ??= createEngineHolder(createEngine(entry.resolved.config, { processes }));
    return entry.holder.lend();
  };

  const toEntry = (defined: DefinedInstance): Entry => {
    const before = entries.get(defined.config.id);
    // Only what is enabled needs its secrets: a disabled instance may have lost its file.
    if (!defined.config.enabled) return { defined, resolved: undefined, holder: undefined };
    const config = resolveSecrets(defined.config);
    const resolved = { config, fingerprint: fingerprintOf(config) };
    const same = before?.resolved?.fingerprint === resolved.fingerprint;
    return { defined, resolved, holder: same ? before.holder : undefined };
  };

  return {
    list: () => [...entries.values()].map(({ defined }) => defined),
    get: (id) => getEntry(id).defined,
    getEnabled(id) {
      const { defined } = getEntry(id);
      if (!defined.config.enabled) throw new AirfleetError("INSTANCE_DISABLED", { instance: id });
      return defined;
    },
    lend,

    async use(id, call) {
      const { engine, release } = lend(id);
      try {
        return await call(engine);
      } finally {
        release();
      }
    },

    apply(defined) {
      const next = new Map(defined.map((instance) => [instance.config.id, toEntry(instance)]));
      const before = entries;
      entries = next;
      for (const [id, { holder }] of before) {
        if (holder !== undefined && next.get(id)?.holder !== holder) retire(id, holder);
      }
    },

    breaker: (id) => entries.get(id)?.holder?.engine.breaker?.() ?? "closed",

    setProcesses(count) {
      if (count === processes) return;
      processes = count;
      for (const [id, entry] of entries) {
        retire(id, entry.holder);
        entry.holder = undefined;
      }
    },

    async close(withinMs) {
      for (const [id, entry] of entries) {
        retire(id, entry.holder);
        entry.holder = undefined;
      }
      const closing = [...retiring];
      const cancel = clock.after(withinMs, () => {
        for (const { holder } of closing) void holder.closeNow();
      });
      await Promise.all(closing.map(({ closed }) => closed));
      cancel();
    },
  };
};

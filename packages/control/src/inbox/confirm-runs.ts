import { type AirfleetError, type InstanceId, isAirfleetError } from "@airfleet/model";
import type { Confirmation, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import { backOffMs } from "../reconcilers/back-off.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { RunReader } from "../runs/run-reader.ts";
import type { RunTracker } from "../runs/run-tracker.ts";

interface ConfirmPorts {
  readonly store: Pick<Store, "inbox" | "runs">;
  readonly registry: InstanceRegistry;
  readonly tracker: RunTracker;
  readonly reader: RunReader;
  /** Whether reading this instance is our part of the work right now. */
  readonly isOurs: (instance: InstanceId) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Of an instance's time, reading what was reported may take a twentieth, as every other feed. */
const SHARE = 20;
const BATCH = 50;
const IDLE_MS = 5_000;
const FIRST_BACK_OFF_MS = 5_000;
const BACK_OFF_CAP_MS = 10 * 60_000;
/** After so many tries, over an hour or so, what was heard stands; the feed corrects it once the instance answers. */
const MOST_TRIES = 12;

/**
 * Reads runs that we were told about: what we hear is a hint, what the engine says counts. One reading per run however
 * much was heard of it, and none where the feed has read the run since. Where an instance cannot be read, what was heard
 * stands.
 */
export const createConfirming = (ports: ConfirmPorts): Loop => {
  const { store, registry, tracker, reader, isOurs, clock, logger, random } = ports;
  const { confirmations } = store.inbox;
  /** When each instance may be asked again. */
  const freeAt = new Map<InstanceId, number>();

  const wasReadSince = async ({ instance, key, heardAt }: Confirmation): Promise<boolean> => {
    const known = await store.runs.find(key);
    const readAt = known?.record.read?.at ?? Number.NEGATIVE_INFINITY;
    return readAt > tracker.timeOf(instance, heardAt);
  };

  /**
   * Until when the instance is left alone, as whoever calls it says: nothing was asked then, so that it is no try of
   * this run. The first call that is let through again may well be ours; one that fails elsewhere shuts the instance for
   * longer each time, and waiting by our own steps would miss the moment.
   */
  const leftAloneUntil = (instance: InstanceId, error: AirfleetError): number | undefined => {
    const seconds = error.retryAfterSeconds;
    return seconds === undefined || registry.breaker(instance) === "closed" ? undefined : clock.now() + seconds * 1_000;
  };

  const giveUpOrWait = async (confirmation: Confirmation, error: unknown): Promise<void> => {
    const { instance, tries } = confirmation;
    if (tries + 1 >= MOST_TRIES) {
      logger.info({ instance, run: confirmation.key }, "a reported run could not be read; what was heard stands");
      await confirmations.done({ key: confirmation.key, heardAt: Number.MAX_SAFE_INTEGER });
      return;
    }
    logger.debug({ err: error, instance, run: confirmation.key }, "a reported run could not be read yet");
    const waitMs = backOffMs(tries + 1, { firstMs: FIRST_BACK_OFF_MS, capMs: BACK_OFF_CAP_MS, random });
    await confirmations.postpone(confirmation, clock.now() + waitMs);
  };

  const confirm = async (confirmation: Confirmation, signal: AbortSignal): Promise<void> => {
    const { instance, dagId, runId } = confirmation;
    if (await wasReadSince(confirmation)) {
      await confirmations.done(confirmation);
      return;
    }
    const began = clock.now();
    let alone: number | undefined;
    try {
      await registry.use(instance, (engine) => reader.read(engine, { dagId, runId }, { signal, source: "poll" }));
      await confirmations.done(confirmation);
    } catch (error) {
      if (signal.aborted) return;
      if (!isAirfleetError(error)) throw error;
      alone = leftAloneUntil(instance, error);
      if (alone === undefined) await giveUpOrWait(confirmation, error);
    } finally {
      freeAt.set(instance, alone ?? clock.now() + (clock.now() - began) * (SHARE - 1));
    }
  };

  /** @returns when the instance may be asked again; undefined when nothing waits */
  const confirmNext = async (instance: InstanceId, signal: AbortSignal): Promise<number | undefined> => {
    const free = freeAt.get(instance) ?? 0;
    if (free > clock.now()) return free;
    const [next] = await confirmations.listDue(instance, clock.now(), 1);
    if (next === undefined) return undefined;
    await confirm(next, signal);
    return freeAt.get(instance) ?? clock.now();
  };

  const isReadable = (instance: InstanceId): boolean =>
    isOurs(instance) && registry.list().some(({ config }) => config.id === instance && config.enabled);

  const step = async (signal: AbortSignal): Promise<number> => {
    const waiting = (await confirmations.instances()).filter(isReadable);
    const until = await Promise.all(
      waiting.map(async (instance) => {
        let next: number | undefined = 0;
        for (let count = 0; count < BATCH && !signal.aborted && next !== undefined && next <= clock.now(); count += 1) {
          next = await confirmNext(instance, signal);
        }
        return next ?? clock.now() + IDLE_MS;
      }),
    );
    return Math.max(0, Math.min(IDLE_MS, ...until.map((at) => at - clock.now())));
  };

  return createLoop({ name: "confirm", step, clock, logger, random });
};

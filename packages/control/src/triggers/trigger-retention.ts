import type { Store, StoredTrigger } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";

/**
 * How long triggers are kept. `until_run`: only until their run is known, as the fifth seed does; `forever`; or so many
 * milliseconds after their end.
 */
export type TriggerKeep = "until_run" | "forever" | number;

interface RetentionPorts {
  readonly store: Pick<Store, "triggers" | "runs">;
  readonly keep: TriggerKeep;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

const DAY_MS = 86_400_000;
const EVERY_MS = 60_000;
/** Between two batches others get their turn. */
const BREATH_MS = 50;
const BATCH = 200;
/** Whoever waits for a trigger still finds it when its run is known: that is not the moment to drop it. */
const GRACE_MS = 60_000;
/** A trigger of which no run came tells why, which is all that is left of it: the seed's went nowhere. */
export const KEEP_UNFULFILLED_MS = 30 * DAY_MS;
/** A repeated idempotency key answers the same runs for so long. */
export const KEEP_KEYS_MS = 366 * DAY_MS;

/** Drops triggers by policy, in small batches. What an idempotency key needs stays until the key is forgotten. */
export const createTriggerRetention = ({ store, keep, clock, logger, random }: RetentionPorts): Loop => {
  /** Where the present round has come to: triggers that stay must not be looked at for ever. */
  let place: { readonly finishedAt: number; readonly id: StoredTrigger["id"] } | undefined;

  const isOver = async (triggers: readonly StoredTrigger[]): Promise<readonly StoredTrigger[]> => {
    if (keep !== "until_run") return triggers;
    const old = clock.now() - KEEP_UNFULFILLED_MS;
    const known = new Set<string>();
    for (const [instance, own] of Map.groupBy(triggers, (trigger) => trigger.instance)) {
      for (const { record } of await store.runs.findMany(instance, own)) {
        known.add(JSON.stringify([instance, record.dagId, record.runId]));
      }
    }
    return triggers.filter(
      ({ state, instance, dagId, runId, finishedAt }) =>
        (finishedAt ?? 0) < old || (state === "accepted" && known.has(JSON.stringify([instance, dagId, runId]))),
    );
  };

  const step = async (): Promise<number> => {
    const forgotten = await store.triggers.forgetRequests(clock.now() - KEEP_KEYS_MS);
    if (keep === "forever") return forgotten > 0 ? BREATH_MS : EVERY_MS;
    const before = clock.now() - (keep === "until_run" ? GRACE_MS : keep);
    const after = place === undefined ? {} : { after: place };
    const triggers = await store.triggers.listFinished({ before, limit: BATCH, ...after });
    const last = triggers.at(-1);
    place =
      last === undefined || triggers.length < BATCH ? undefined : { finishedAt: last.finishedAt ?? 0, id: last.id };
    const over = await isOver(triggers);
    await store.triggers.drop(over.map(({ id }) => id));
    return place !== undefined || forgotten > 0 ? BREATH_MS : EVERY_MS;
  };

  return createLoop({ name: "trigger-sweep", step, clock, logger, random, spreadMs: 10_000 });
};

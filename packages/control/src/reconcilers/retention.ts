import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { ControlSettings } from "../control-settings.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "./loop.ts";

interface RetentionPorts {
  readonly store: Store;
  readonly settings: ControlSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Messages that nobody looks after must not fill the disk. */
const KEEP_REJECTED = 10_000;
const EVERY_MS = 10 * 60_000;
/** Between two batches others get their turn. */
const BREATH_MS = 50;
/** A process that has been silent for so long is not even worth listing. */
const FORGET_MEMBERS_MS = 3_600_000;

/** Drops, in small batches, what is older than it is to be kept. Never touches the audit trail, nor any instance. */
export const createRetention = ({ store, settings, clock, logger, random }: RetentionPorts): Loop => {
  const sweeps: readonly (() => Promise<number>)[] = [
    () => store.actions.sweep(clock.now() - settings.keepActionsMs),
    () => store.stops.sweep(clock.now() - settings.keepActionsMs),
    () => store.dags.forgetGone(clock.now() - settings.keepGoneDagsMs),
    () => store.events.sweep({ before: clock.now() - settings.keepEventsMs, keep: settings.keepEvents }),
    () => store.idempotency.sweep(),
    () => store.ruleApplications.sweep(clock.now() - settings.keepActionsMs),
    () => store.inbox.reports.sweep(clock.now() - settings.keepReportsMs),
    () => store.inbox.rejected.sweep({ before: clock.now() - settings.keepReportsMs, keep: KEEP_REJECTED }),
    () => store.deliveries.sweep(clock.now() - settings.keepDeliveriesMs),
    () => store.alerts.sweep(clock.now() - settings.keepAlertsMs),
  ];
  const step = async (): Promise<number> => {
    let dropped = 0;
    for (const sweep of sweeps) dropped += await sweep();
    if (dropped > 0) return BREATH_MS;
    await store.members.sweep(FORGET_MEMBERS_MS);
    return EVERY_MS;
  };
  return createLoop({ name: "sweep", step, clock, logger, random, spreadMs: 30_000 });
};

import type { NewDelivery, Store, StoredEvent } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import { TRIES } from "../deliveries/retry-schedule.ts";
import type { DocumentFollower, FollowedDocument } from "../documents/document-follower.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";
import type { Logger } from "../logger.ts";
import type { Leadership } from "../reconcilers/leadership.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import { composeMessage } from "./compose-message.ts";
import { wantsEvent } from "./wants-event.ts";
import { isSending, receiverOf, type SendableWebhook } from "./webhook.ts";

interface FanOutPorts {
  readonly store: Pick<Store, "deliveries" | "events" | "runs" | "sharedByProcesses" | "subjects">;
  readonly webhooks: DocumentFollower<SendableWebhook>;
  readonly instances: () => readonly FleetInstance[];
  readonly leadership: Leadership;
  /** New deliveries of these receivers wait. */
  readonly onAdded: (receivers: readonly string[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** The name under which it is stored how far the events were told. */
export const EVENT_CURSOR = "webhooks";
/** Events per transaction. */
const BATCH = 200;
/** On a shared store another process may be the one that sequences; on our own we are woken. */
const IDLE_MS = { shared: 150, own: 2_000 } as const;
const NOT_LEADER_MS = 2_000;

/**
 * Turns events into deliveries, each exactly once for each receiver: how far it has come moves in the transaction in
 * which the deliveries are added, so that neither a crash in between nor a second server makes two of one or none.
 */
export const createFanOut = (ports: FanOutPorts): Loop => {
  const { store, webhooks, instances, leadership, onAdded, clock, logger, random } = ports;
  const idleMs = store.sharedByProcesses ? IDLE_MS.shared : IDLE_MS.own;

  const deliver = async (
    event: StoredEvent,
    { document, meaning }: FollowedDocument<SendableWebhook>,
  ): Promise<NewDelivery> => ({
    receiver: receiverOf(document.id),
    type: event.kind,
    instance: event.instance,
    payload: await composeMessage(store, event, meaning, instances()),
    tries: TRIES,
  });

  const wantedBy = (event: StoredEvent): readonly FollowedDocument<SendableWebhook>[] =>
    webhooks.list().filter(({ meaning }) => isSending(meaning.body) && wantsEvent(meaning.body, event));

  const step = async (): Promise<number> => {
    if (!(await leadership.lead())) return NOT_LEADER_MS;
    const at = await store.deliveries.cursor(EVENT_CURSOR);
    const { first, last } = await store.events.range();
    if (last <= at) return idleMs;
    if (first > at + 1) {
      logger.error({ from: at + 1, to: first - 1 }, "events were dropped before webhooks were told of them");
    }
    // What is passed over now is never looked at again, so a receiver that another server made must be known.
    await webhooks.refresh();
    const from = Math.max(at, first - 1);
    const events = await store.events.list({ after: from, limit: BATCH });
    const deliveries: NewDelivery[] = [];
    for (const event of events) {
      for (const webhook of wantedBy(event)) deliveries.push(await deliver(event, webhook));
    }
    const to = events.at(-1)?.seq ?? last;
    const isWritten = await store.deliveries.advance({ name: EVENT_CURSOR, from: at, to }, deliveries);
    if (isWritten && deliveries.length > 0) onAdded([...new Set(deliveries.map(({ receiver }) => receiver))]);
    return to < last ? 0 : idleMs;
  };

  return createLoop({ name: "webhooks", step, clock, logger, random });
};

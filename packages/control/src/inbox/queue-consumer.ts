import type { SqsSource } from "@airfleet/model";
import type { Lease, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { backOffMs } from "../reconcilers/back-off.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { Inbox, Reception } from "./inbox.ts";
import type { MessageQueue, QueuedMessage } from "./message-queue.ts";

/** How reading a queue goes. Times are epoch milliseconds. */
export interface ConsumerState {
  readonly isReading: boolean;
  readonly receivedAt: number | null;
  readonly received: number;
  readonly rejected: number;
  /** Why the last attempt failed; null when it did not. */
  readonly error: { readonly message: string; readonly at: number } | null;
}

interface ConsumerPorts {
  readonly id: string;
  readonly source: SqsSource;
  readonly open: () => Promise<MessageQueue>;
  readonly inbox: Inbox;
  readonly store: Pick<Store, "leases">;
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Reads one queue. */
export interface QueueConsumer extends Loop {
  state(): ConsumerState;
}

/** How soon another process looks whether the one that reads has gone. */
const OTHERS_MS = 5_000;
const FIRST_BACK_OFF_MS = 1_000;
const BACK_OFF_CAP_MS = 60_000;
/** Beyond a wait of twenty seconds at the queue, for what comes of the messages. */
const LEASE_SLACK_MS = 40_000;

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/**
 * Reads a queue, one process for all: a lease says which. A message is deleted after it has been taken in, or put among
 * the rejected; when we die in between it comes again and is known. A message that takes long stays ours: its time is
 * prolonged at half of it.
 */
export const createQueueConsumer = (ports: ConsumerPorts): QueueConsumer => {
  const { id, source, open, inbox, store, owner, clock, logger, random } = ports;
  const ttlMs = source.wait_seconds * 1_000 + LEASE_SLACK_MS;
  const sender = { source: id, instance: source.instance, hosts: source.hosts };
  let queue: MessageQueue | undefined;
  let lease: Lease | undefined;
  let failures = 0;
  let state: ConsumerState = { isReading: false, receivedAt: null, received: 0, rejected: 0, error: null };

  const hold = async (): Promise<boolean> => {
    lease =
      (lease === undefined ? undefined : await store.leases.renew(lease, ttlMs)) ??
      (await store.leases.acquire({ name: `event-source:${id}`, owner, ttlMs }));
    return lease !== undefined;
  };

  const count = (outcome: Reception["outcome"]): void => {
    const rejected = state.rejected + (outcome === "rejected" ? 1 : 0);
    state = { ...state, receivedAt: clock.now(), received: state.received + 1, rejected };
  };

  const takeIn = async (messages: readonly QueuedMessage[], from: MessageQueue): Promise<void> => {
    const halfMs = (source.visibility_seconds * 1_000) / 2;
    let oursUntil = clock.now() + halfMs;
    const done: string[] = [];
    try {
      for (const { text, messageId, receipt, sentAt } of messages) {
        if (clock.now() > oursUntil) {
          await from.extend(messages.map((one) => one.receipt));
          oursUntil = clock.now() + halfMs;
        }
        const { outcome } = await inbox.receive({ text, messageId, ...(sentAt === null ? {} : { sentAt }) }, sender);
        done.push(receipt);
        count(outcome);
      }
    } finally {
      // Also when the store failed half-way: what was taken in need not come again.
      const left = await from.delete(done);
      if (left.length > 0)
        logger.info({ source: id, messages: left.length }, "messages were not deleted; they come again");
    }
  };

  const step = async (signal: AbortSignal): Promise<number> => {
    if (!(await hold())) {
      state = { ...state, isReading: false };
      return OTHERS_MS;
    }
    try {
      queue ??= await open();
      const messages = await queue.receive(signal);
      if (failures > 0) logger.info({ source: id }, "a queue can be read again");
      failures = 0;
      state = { ...state, isReading: true, error: null };
      await takeIn(messages, queue);
      // Nothing came although we waited: without a wait we would ask a thousand times a second.
      return messages.length > 0 || source.wait_seconds > 0 ? 0 : FIRST_BACK_OFF_MS;
    } catch (error) {
      if (signal.aborted) return 0;
      failures += 1;
      const text = messageOf(error);
      if (state.error?.message !== text) logger.warn({ err: error, source: id }, "a queue could not be read");
      state = { ...state, isReading: false, error: { message: text, at: clock.now() } };
      return backOffMs(failures, { firstMs: FIRST_BACK_OFF_MS, capMs: BACK_OFF_CAP_MS, random });
    }
  };

  const loop = createLoop({ name: `queue ${id}`, step, clock, logger, random });
  return {
    ...loop,
    state: () => state,
    async stop() {
      await loop.stop();
      queue?.close();
      if (lease !== undefined) await store.leases.release(lease).catch(() => undefined);
    },
  };
};

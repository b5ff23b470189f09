import type { DeliveryVerdict, LeasedDelivery, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { Receiver, SendResult } from "./receiver.ts";
import { nextTryInMs } from "./retry-schedule.ts";

/** Sends the deliveries of one receiver, so that one who is slow or dead delays nobody else. */
export interface DeliveryPump {
  start(): void;
  /** Something is due, perhaps. */
  wake(): void;
  /** From now on sends as this one says. */
  follow(receiver: Receiver): void;
  /** Claims no more, cuts off what is being sent after `withinMs`, and gives it back. */
  stop(withinMs: number): Promise<void>;
}

export interface PumpPorts {
  readonly store: Pick<Store, "deliveries" | "sharedByProcesses">;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Another process may have added or released a delivery; on a store of our own we are woken. */
const LOOK_EVERY_MS = { shared: 1_500, own: 10_000 } as const;

/** What went wrong, for people; never longer than a line or two. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? `${error.code}: ` : "";
  return `${code}${error.message}`.slice(0, 500);
};

export const createDeliveryPump = (first: Receiver, ports: PumpPorts): DeliveryPump => {
  const { store, owner, leaseMs, clock, logger, random } = ports;
  const shutdown = new AbortController();
  const running = new Set<Promise<void>>();
  let receiver = first;
  let isEnding = false;
  const lookEveryMs = store.sharedByProcesses ? LOOK_EVERY_MS.shared : LOOK_EVERY_MS.own;

  /** Undefined when we cut it off ourselves, which does not count against the receiver. */
  const attempt = async ({ delivery }: LeasedDelivery): Promise<SendResult | undefined> => {
    try {
      return await receiver.send(delivery, shutdown.signal);
    } catch (error) {
      return shutdown.signal.aborted ? undefined : { outcome: "failed", error: messageOf(error) };
    }
  };

  const judge = ({ delivery }: LeasedDelivery, { outcome, retryAfterMs }: SendResult): DeliveryVerdict => {
    if (outcome === "delivered") return { state: "delivered" };
    if (outcome === "gone") return { state: "dead" };
    const next = nextTryInMs(delivery.triesLeft, { random, ...(retryAfterMs !== undefined && { retryAfterMs }) });
    return next === undefined ? { state: "dead" } : { state: "pending", retryAfterMs: next };
  };

  const carryOut = async (leased: LeasedDelivery): Promise<void> => {
    const at = clock.now();
    const result = await attempt(leased);
    if (result === undefined) return store.deliveries.release(leased.lease);
    const { status = null, answer = null, error = null } = result;
    const verdict = judge(leased, result);
    await store.deliveries.settle(leased.lease, { at, durationMs: clock.now() - at, status, answer, error }, verdict);
    if (verdict.state === "dead") {
      logger.warn({ delivery: leased.delivery.id, receiver: receiver.name, status, error }, "a delivery is dead");
    }
  };

  const tryOnce = async (leased: LeasedDelivery): Promise<void> => {
    try {
      await carryOut(leased);
    } catch (error) {
      // Its lease runs out and it is sent again, under the same id.
      logger.warn({ err: error, delivery: leased.delivery.id }, "the outcome of a delivery could not be stored");
    }
  };

  const launch = (leased: LeasedDelivery): void => {
    const sending = tryOnce(leased).finally(() => {
      running.delete(sending);
      loop.wake();
    });
    running.add(sending);
  };

  const step = async (): Promise<number> => {
    const limit = receiver.concurrency - running.size;
    if (isEnding || limit <= 0) return lookEveryMs;
    const claimed = await store.deliveries.claim({ receiver: receiver.name, owner, limit, leaseMs });
    for (const leased of claimed) launch(leased);
    if (claimed.length === limit) return lookEveryMs;
    const due = await store.deliveries.dueInMs(receiver.name);
    return Math.min(lookEveryMs, Math.max(due ?? lookEveryMs, 20));
  };

  const loop: Loop = createLoop({ name: `deliver ${first.name}`, step, clock, logger, random });

  return {
    start: () => loop.start(),
    wake: () => loop.wake(),
    follow(next) {
      receiver = next;
      loop.wake();
    },
    async stop(withinMs) {
      isEnding = true;
      await loop.stop();
      const cancel = clock.after(withinMs, () => shutdown.abort());
      await Promise.all(running);
      cancel();
      shutdown.abort();
    },
  };
};

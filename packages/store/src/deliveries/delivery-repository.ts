import type { StorePage } from "../paging/cursor.ts";
import type { JsonObject } from "../text/stored-json.ts";

/**
 * Where a delivery stands: `pending` until a receiver took it (`delivered`) or nobody tries any more (`dead`). Both may
 * be made pending again by hand, under the same id.
 */
export const DELIVERY_STATES = ["pending", "delivered", "dead"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Something to be sent to one receiver. */
export interface NewDelivery {
  /** `webhook/<id>`, or a channel of an alert rule. */
  readonly receiver: string;
  /** What it tells of: `run.changed`, `alert.opened`, … */
  readonly type: string;
  /** The whole message; nothing in it may be secret. */
  readonly payload: JsonObject;
  /** The instance it tells of, where it is one. */
  readonly instance?: string | null;
  /** The same key makes one delivery only. */
  readonly dedupeKey?: string;
  /** How often it is tried before it is dead. */
  readonly tries: number;
}

/** A delivery; times are epoch milliseconds. */
export interface StoredDelivery {
  /** The `webhook-id` of every try. */
  readonly id: string;
  readonly receiver: string;
  readonly type: string;
  readonly state: DeliveryState;
  readonly instance: string | null;
  readonly payload: JsonObject;
  /** Tries so far, in all. */
  readonly attempts: number;
  /** Tries that remain before it is dead. */
  readonly triesLeft: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  /** When it is tried next, while pending. */
  readonly notBefore: number;
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

/** The right to try a delivery, and to write down what came of it. */
export interface DeliveryLease {
  readonly id: string;
  readonly fencingToken: number;
}

export interface LeasedDelivery {
  readonly delivery: StoredDelivery;
  readonly lease: DeliveryLease;
}

/** What one try came to. */
export interface DeliveryAttempt {
  /** When it was begun, epoch milliseconds. */
  readonly at: number;
  readonly durationMs: number;
  /** HTTP status; null when none was answered. */
  readonly status: number | null;
  /** The beginning of the answer. */
  readonly answer: string | null;
  readonly error: string | null;
}

/** What follows from a try. */
export type DeliveryVerdict =
  | { readonly state: "delivered" }
  | { readonly state: "dead" }
  | { readonly state: "pending"; readonly retryAfterMs: number };

export interface DeliveryQuery {
  readonly receivers: readonly string[];
  readonly states?: readonly DeliveryState[];
  readonly limit: number;
  readonly after?: string;
}

/** How many deliveries of a receiver wait, up to a bound, and since when. */
export interface DeliveryBacklog {
  readonly pending: number;
  readonly dead: number;
  /** Epoch milliseconds. */
  readonly oldestPendingAt: number | null;
}

export interface DeliveryRepository {
  /** Where a reader of the event log goes on; begins at the newest event when it was never here. */
  cursor(name: string): Promise<number>;
  /**
   * Moves a reader from `from` to `to` and adds what it made of the events in between, in one transaction.
   * @returns false when another process has moved it meanwhile: then nothing is written.
   */
  advance(
    cursor: { readonly name: string; readonly from: number; readonly to: number },
    deliveries: readonly NewDelivery[],
  ): Promise<boolean>;
  /** @returns The ids of those that are new. */
  add(deliveries: readonly NewDelivery[]): Promise<readonly string[]>;
  /** Leases pending deliveries of one receiver that are due, oldest first. */
  claim(request: {
    readonly receiver: string;
    readonly owner: string;
    readonly limit: number;
    readonly leaseMs: number;
  }): Promise<readonly LeasedDelivery[]>;
  /** Milliseconds until the next one of this receiver is due; undefined when none is pending. */
  dueInMs(receiver: string): Promise<number | undefined>;
  /** Records a try and what follows from it. False when the lease was lost: then nothing is written. */
  settle(lease: DeliveryLease, attempt: DeliveryAttempt, verdict: DeliveryVerdict): Promise<boolean>;
  /** Gives a delivery back untried, to be tried at once by whoever is there. */
  release(lease: DeliveryLease): Promise<void>;
  find(id: string): Promise<StoredDelivery | undefined>;
  /** Oldest first. */
  attempts(id: string): Promise<readonly (DeliveryAttempt & { readonly attempt: number })[]>;
  /** Newest first. */
  list(query: DeliveryQuery): Promise<StorePage<StoredDelivery>>;
  backlog(receiver: string): Promise<DeliveryBacklog>;
  /** Makes a finished delivery pending again. False when it is pending, or unknown. */
  redeliver(id: string, tries: number): Promise<boolean>;
  /** The same for all that are dead. @returns How many. */
  redeliverDead(receiver: string, tries: number): Promise<number>;
  /** Ends what is pending for a receiver that is there no more. @returns How many. */
  abandon(receiver: string, reason: string): Promise<number>;
  /** Drops deliveries finished before this time (epoch milliseconds), a batch at a time. @returns How many. */
  sweep(before: number, batch?: number): Promise<number>;
  /** How many writes of lost leases this process had refused. */
  fencedCount(): number;
}

import type { StoredDelivery } from "@airfleet/store";

/** What one try came to, as the receiver's channel tells. */
export interface SendResult {
  /** `gone`: nobody is there and never will be again, so trying on makes no sense. */
  readonly outcome: "delivered" | "failed" | "gone";
  readonly status?: number | null;
  readonly answer?: string | null;
  readonly error?: string | null;
  readonly retryAfterMs?: number;
}

/** Somebody whom deliveries are for. */
export interface Receiver {
  /** As in the deliveries. */
  readonly name: string;
  /** How many are sent to it at once by one process. */
  readonly concurrency: number;
  /** Tries once, within {@link SEND_MS}. What it throws counts as a failure. */
  send(delivery: StoredDelivery, signal: AbortSignal): Promise<SendResult>;
}

/** No try takes longer, so that a lease outlives it. */
export const SEND_MS = 20_000;

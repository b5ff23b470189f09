/** A message that a queue has handed out. It is ours for a while; unless we delete it, it comes again. */
export interface QueuedMessage {
  readonly text: string;
  /** The same at each delivery. */
  readonly messageId: string;
  /** Of this delivery. */
  readonly receipt: string;
  /** Epoch milliseconds. */
  readonly sentAt: number | null;
}

/** A queue that hands out each message at least once. */
export interface MessageQueue {
  /** Waits for messages as long as the queue was set up to, and answers at most ten. */
  receive(signal: AbortSignal): Promise<readonly QueuedMessage[]>;
  /** @returns receipts that the queue did not take: those messages come again */
  delete(receipts: readonly string[]): Promise<readonly string[]>;
  /** Keeps messages ours for the whole time once more. */
  extend(receipts: readonly string[]): Promise<void>;
  close(): void;
}

/** Bounds of one call to an engine. */
export interface CallOptions {
  /** Ends the call at once, with whatever it still has in flight. */
  readonly signal?: AbortSignal;
  /** Total time in milliseconds, retries and pages included; the instance's own limit when absent. */
  readonly timeoutMs?: number;
}

/** One page of a list. Pages are followed by handing `next` back; null is the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
  /** How many there are in all, where the engine says so. */
  readonly total: number | null;
}

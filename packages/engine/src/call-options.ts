/** Bounds of one call to an engine. */
export interface CallOptions {
  /** Ends the call at once, with whatever it still has in flight. */
  readonly signal?: AbortSignal;
  /** Total time in milliseconds, retries and pages included; the instance's own limit when absent. */
  readonly timeoutMs?: number;
  /** Told of every request that went out for this call, and of what came back. Must not throw. */
  readonly onExchange?: (exchange: Exchange) => void;
}

/** One request as sent and the engine's whole answer. Our credentials are taken out; what the caller sent is not. */
export interface Exchange {
  /** When it left, epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  /** As sent, without query. */
  readonly path: string;
  /** The body as sent; undefined when there was none. */
  readonly body: unknown;
  /** Null when no answer came. */
  readonly status: number | null;
  /** The answer's body as text; null when no answer came. */
  readonly answer: string | null;
  /** The answer was longer than {@link EXCHANGE_ANSWER_LIMIT}; `answer` is its beginning. */
  readonly isCut: boolean;
  readonly durationMs: number;
  /** Why no answer came: `connect`, `reset`, `aborted` …; null when one did. */
  readonly failure: string | null;
}

/** Characters of an answer that an exchange carries: Airflow echoes the conf, which may be 1 MB; an error page is less. */
export const EXCHANGE_ANSWER_LIMIT = 65_536;

/** One page of a list. Pages are followed by handing `next` back; null is the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
  /** How many there are in all, where the engine says so. */
  readonly total: number | null;
  /** The engine's own clock when it answered, epoch milliseconds, whole seconds cut off; of lists of runs, where it says. */
  readonly answeredAt?: number | null;
}

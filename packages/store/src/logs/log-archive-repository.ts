import type { RunKey } from "@airfleet/model";
import type { StoredEvent } from "../events/events.ts";

/** As much of an event as decides. */
export type FollowedEvent = Pick<StoredEvent, "seq" | "at" | "kind" | "payload">;

/** Which try's log. */
export interface ArchivedTry {
  readonly run: RunKey;
  readonly taskId: string;
  /** -1 when the task is not mapped. */
  readonly mapIndex: number;
  readonly tryNumber: number;
}

/** An archived log without its text. */
export interface ArchivedLog extends ArchivedTry {
  readonly id: string;
  /** Lines that are kept. */
  readonly lines: number;
  /** Of the kept lines, before they were compressed. */
  readonly sizeBytes: number;
  /** Lines in the middle that the size cap left out. */
  readonly omittedLines: number;
  /** Epoch milliseconds. */
  readonly archivedAt: number;
}

/** Lines that follow each other. */
export interface LogChunk {
  /** Counted in the whole log from 0. */
  readonly firstLine: number;
  readonly lines: number;
  /** Compressed by whoever wrote them; opaque here. */
  readonly body: Uint8Array;
}

/** A run whose logs are to be read. Times are epoch milliseconds. */
export interface QueuedRun {
  readonly run: RunKey;
  /** When it came into the queue: a run that ends again meanwhile has a newer one. */
  readonly queuedAt: number;
  readonly attempts: number;
}

/** What an event means to the archive. */
export type EventVerdict =
  | { readonly kind: "queue"; readonly run: RunKey; readonly notBefore: number }
  | { readonly kind: "forget"; readonly run: RunKey };

export interface LogArchiveRepository {
  /**
   * Goes on with the events after those of the last call: queues runs, and drops the logs of forgotten ones, in one
   * transaction with the place that was reached, so that a crash neither skips nor doubles one.
   *
   * @returns How many events were looked at; call again until 0.
   */
  follow(judge: (event: FollowedEvent) => EventVerdict | undefined, limit: number): Promise<number>;
  /** Queued runs whose time has come, longest waiting first. */
  listDue(now: number, limit: number): Promise<readonly QueuedRun[]>;
  /** Takes a run out, unless it was queued again meanwhile. */
  done(run: QueuedRun): Promise<void>;
  retryLater(run: QueuedRun, notBefore: number): Promise<void>;
  /** All of a run, by task, map index and try. */
  list(run: RunKey): Promise<readonly ArchivedLog[]>;
  /** The newest try when `tryNumber` is absent. */
  find(log: Omit<ArchivedTry, "tryNumber"> & { readonly tryNumber?: number }): Promise<ArchivedLog | undefined>;
  /** Keeps a log, in place of what was kept of the same try. */
  put(
    log: ArchivedTry & Pick<ArchivedLog, "sizeBytes" | "omittedLines">,
    chunks: readonly LogChunk[],
  ): Promise<ArchivedLog>;
  /** The chunk that holds this line, or the next one after it; undefined at the end, or when the log was dropped. */
  readChunk(id: string, line: number): Promise<LogChunk | undefined>;
  /** Drops the oldest logs until all together take no more than this. @returns How many. */
  evict(maxBytes: number): Promise<number>;
  /** What all logs take in the store, in bytes, and how many there are. */
  size(): Promise<{ readonly bytes: number; readonly logs: number }>;
}

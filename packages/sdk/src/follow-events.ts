import type { EventView } from "@airfleet/contract";
import { AirfleetApiError, AirfleetConnectionError } from "./errors.ts";
import { createEventReader, type StreamedEvent } from "./read-event-stream.ts";

/** Events were missed that the server no longer keeps: what is shown has to be read anew. */
export interface StreamReset {
  readonly kind: "reset";
  /** Where the stream goes on. */
  readonly id: number;
  /** The oldest event that is kept. */
  readonly oldest_id: number;
  readonly newest_id: number;
}

/** What following events gives; `kind` tells the two apart. */
export type StreamItem = EventView | StreamReset;

export interface FollowOptions {
  /** Ends the following, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** False ends when everything kept has been told. Default true. */
  readonly follow?: boolean;
  /** Told whenever the connection is lost, before it is made anew after `retryMs`. */
  readonly onReconnect?: ((why: unknown, retryMs: number) => void) | undefined;
  /** Told whenever the server says anything, at least every 15 seconds: the stream is alive. */
  readonly onHeard?: (() => void) | undefined;
}

/** Opens the stream after an event. */
type Connect = (options: {
  readonly lastEventId: number | undefined;
  readonly signal: AbortSignal;
}) => Promise<{ readonly response: Response; readonly url: URL }>;

const FIRST_RETRY_MS = 1_000;
const RETRY_CAP_MS = 30_000;
/** The server says something every 15 seconds; a stream that is silent for longer than three times that is dead. */
const SILENCE_MS = 50_000;

/** Waits; ends early when it is called off. */
const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
  });

/** Whether coming back can help: not when the server has said no. */
const isPassing = (error: unknown): boolean => {
  if (error instanceof AirfleetApiError) return error.status >= 500 || error.status === 429;
  return error instanceof AirfleetConnectionError ? error.code !== "NOT_AIRFLEET" : true;
};

interface Place {
  lastEventId: number | undefined;
  retryMs: number;
  /** Connections in a row that brought nothing. */
  failures: number;
}

const noteId = (place: Place, id: string | undefined): void => {
  if (id !== undefined && /^\d+$/.test(id)) place.lastEventId = Number(id);
};

const toItem = ({ type, data }: StreamedEvent): StreamItem | "live" | undefined => {
  switch (type) {
    case "message":
      return JSON.parse(data) as EventView;
    case "reset":
      return { kind: "reset", ...(JSON.parse(data) as Omit<StreamReset, "kind">) };
    case "live":
      return "live";
    default:
      return undefined;
  }
};

/** One connection: its items until it ends, or `live` where that is the end. */
async function* readConnection(
  connect: Connect,
  place: Place,
  signal: AbortSignal | undefined,
  onHeard: () => void,
): AsyncGenerator<StreamItem | "live", void> {
  const limit = new AbortController();
  const watch = (): NodeJS.Timeout | number =>
    setTimeout(() => limit.abort(new Error("the stream fell silent")), SILENCE_MS);
  let timer = watch();
  const either = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]);
  try {
    const { response } = await connect({ lastEventId: place.lastEventId, signal: either });
    const body = response.body?.getReader();
    if (body === undefined) return;
    const events = createEventReader();
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await body.read();
        if (done) return;
        clearTimeout(timer);
        timer = watch();
        onHeard();
        for (const event of events.take(decoder.decode(value, { stream: true }))) {
          place.retryMs = event.retryMs ?? place.retryMs;
          place.failures = 0;
          const item = toItem(event);
          if (item !== undefined) yield item;
          noteId(place, event.id);
        }
        // Heartbeats bring ids as well: what a filter kept from us need not be gone through again.
        noteId(place, events.lastId());
      }
    } finally {
      await body.cancel().catch(() => undefined);
    }
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

/** Follows events over as many connections as it takes. */
export async function* followEvents(
  connect: Connect,
  { signal, follow = true, onReconnect, onHeard = () => undefined }: FollowOptions,
): AsyncGenerator<StreamItem, void> {
  const place: Place = { lastEventId: undefined, retryMs: FIRST_RETRY_MS, failures: 0 };
  const isOver = (): boolean => signal?.aborted === true;
  while (!isOver()) {
    let why: unknown = new Error("the server ended the stream");
    try {
      for await (const item of readConnection(connect, place, signal, onHeard)) {
        if (item !== "live") yield item;
        else if (!follow) return;
      }
    } catch (error) {
      if (isOver()) return;
      if (!isPassing(error)) throw error;
      why = error;
    }
    if (isOver()) return;
    place.failures += 1;
    const ceiling = Math.min(RETRY_CAP_MS, place.retryMs * 2 ** Math.min(place.failures - 1, 10));
    // Never all clients of a server that was restarted at the same moment.
    const delayMs = Math.round(ceiling / 2 + (Math.random() * ceiling) / 2);
    onReconnect?.(why, delayMs);
    await pause(delayMs, signal);
  }
}

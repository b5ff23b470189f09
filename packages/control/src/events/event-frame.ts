import type { RunState, StateWords } from "@airfleet/model";
import type { EventRange, StoredEvent } from "@airfleet/store";
import type { JsonObject } from "@airfleet/store";

/** Keys of a payload that hold a run's state. */
const STATE_KEYS = ["state", "before", "after", "run_state"] as const;
const TELLS_STATES = /^(run|subject)\./;

const isRunState = (value: unknown, words: StateWords): value is RunState =>
  typeof value === "string" && Object.hasOwn(words, value);

/** Run states are told in the listener's words; what the engine itself says stays. */
const inWords = (payload: JsonObject, words: StateWords): JsonObject => {
  const spoken: Record<string, unknown> = { ...payload };
  for (const key of STATE_KEYS) {
    const value = spoken[key];
    if (isRunState(value, words)) spoken[key] = words[value];
  }
  return spoken;
};

const toData = (event: StoredEvent, words: StateWords | null): object => ({
  id: event.seq,
  at: new Date(event.at).toISOString(),
  kind: event.kind,
  instance: event.instance,
  dag_id: event.dagId,
  dag_run_id: event.runId,
  payload: words !== null && TELLS_STATES.test(event.kind) ? inWords(event.payload, words) : event.payload,
});

/**
 * One event as it goes over the wire (the HTML standard's `text/event-stream`). It has no name of its own, so that a
 * browser's `onmessage` gets every kind; JSON has no line break in it, so one `data` line is enough.
 */
export const toEventFrame = (event: StoredEvent, words: StateWords | null): string =>
  `id: ${event.seq}\ndata: ${JSON.stringify(toData(event, words))}\n\n`;

/** Events between `after` and the oldest kept are lost to this listener: it goes on at the newest, and must read anew. */
export const toResetFrame = ({ first, last }: EventRange, after: number): string =>
  `id: ${last}\nevent: reset\ndata: ${JSON.stringify({ id: last, oldest_id: first, newest_id: last, asked_id: after })}\n\n`;

/** All that was kept has been told; from here on events come as they happen. */
export const toLiveFrame = (id: number): string => `id: ${id}\nevent: live\ndata: ${JSON.stringify({ id })}\n\n`;

/** Says that the stream lives. The id lets a listener whose filter lets little through resume from here. */
export const toHeartbeat = (id: number): string => `: still here\nid: ${id}\n\n`;

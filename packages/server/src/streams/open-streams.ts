import { AirfleetError } from "@airfleet/model";
import type { Standing } from "../access/standing.ts";
import type { EventStream } from "./event-stream.ts";

/** The streams of events that this server has open. */
export interface OpenStreams {
  readonly standing: Standing;
  /** @throws {AirfleetError} STREAMS_EXHAUSTED */
  checkRoom(): void;
  add(stream: EventStream): void;
  remove(stream: EventStream): void;
  /** Ends them, those too that are opened from now on: the server stops. */
  endAll(): void;
}

/** A stream costs a socket and about 30 KB. */
const MOST_STREAMS = 10_000;

export const createOpenStreams = (standing: Standing): OpenStreams => {
  const streams = new Set<EventStream>();
  let isEnding = false;
  return {
    standing,
    checkRoom() {
      if (streams.size < MOST_STREAMS) return;
      throw new AirfleetError("STREAMS_EXHAUSTED", { open: streams.size }, { retryAfterSeconds: 30 });
    },
    add(stream) {
      streams.add(stream);
      if (isEnding) stream.end("the server stops");
    },
    remove: (stream) => void streams.delete(stream),
    endAll() {
      isEnding = true;
      for (const stream of streams) stream.end("the server stops");
      standing.close();
    },
  };
};

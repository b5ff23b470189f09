import type { ServerResponse } from "node:http";
import type { EventListener } from "@airfleet/control";

/** One open answer of type `text/event-stream`. */
export interface EventStream extends EventListener {
  /** Says why, and ends the answer; the client is to come back. */
  end(reason?: string): void;
}

/** How long a client waits before it comes back. */
const RETRY_MS = 1_000;
/** What may wait for a client; beyond it the client has lost touch, and waiting on would cost all the others memory. */
const MOST_BEHIND_BYTES = 65_536;
/** A client that takes nothing for so long is gone, whatever its socket says. */
const TAKE_WITHIN_MS = 30_000;

/**
 * Begins the answer. Frames are written as they come, never compressed: a compressor would hold them back. A client that
 * falls {@link MOST_BEHIND_BYTES} behind is dropped, with a hint to come back; it goes on where it was by `Last-Event-ID`.
 */
export const beginEventStream = (
  response: ServerResponse,
  headers: Readonly<Record<string, number | string | string[] | undefined>>,
): EventStream => {
  let isOver = false;
  response.once("close", () => {
    isOver = true;
  });
  // The end of the connection ends the stream; framing each event as a chunk would cost three writes instead of one.
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, {
    ...headers,
    "content-type": "text/event-stream; charset=utf-8",
    // No proxy may collect, change or compress it.
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  });
  response.socket?.setNoDelay(true);
  response.write(`retry: ${RETRY_MS}\n\n`);

  const end = (reason?: string): void => {
    if (isOver) return;
    isOver = true;
    response.end(reason === undefined ? undefined : `event: dropped\ndata: ${JSON.stringify({ reason })}\n\n`);
    // A client that does not read would keep the socket for ever.
    const timer = setTimeout(() => response.destroy(), 5_000);
    response.once("close", () => clearTimeout(timer));
  };

  return {
    end,
    send(frames) {
      if (isOver) return;
      if (response.writableLength > MOST_BEHIND_BYTES) end(`more than ${MOST_BEHIND_BYTES} bytes behind; come back`);
      else response.write(frames);
    },
    async sendPaced(frames) {
      if (isOver || response.write(frames)) return;
      await new Promise<void>((resolve) => {
        const taken = (): void => {
          clearTimeout(timer);
          response.off("drain", taken);
          response.off("close", taken);
          resolve();
        };
        const timer = setTimeout(() => {
          response.destroy();
          taken();
        }, TAKE_WITHIN_MS);
        response.once("drain", taken);
        response.once("close", taken);
      });
    },
  };
};

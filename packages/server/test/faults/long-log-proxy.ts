import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline, Readable } from "node:stream";

/** An Airflow whose task logs are as long as a test wants; everything else is answered by the one behind it. */
export interface LongLogProxy extends AsyncDisposable {
  readonly url: string;
  /** Bytes that the next logs have. */
  setLogBytes(bytes: number): void;
  /** Bytes of logs sent so far. */
  readonly sent: () => number;
}

const BLOCK_LINES = 512;
const TEXT = "row 42 of collection: ".padEnd(180, "abcdefghij ");

const blockOf = (generation: 2 | 3): string =>
  Array.from({ length: BLOCK_LINES }, (_, index) =>
    generation === 2
      ? `[2026-11-20T12:23:43.511+0000] {loader.py:${index}} INFO - ${TEXT}\n`
      : `${JSON.stringify({ timestamp: "2026-11-20T12:23:43.511000Z", event: TEXT, level: "info", logger: "loader" })}\n`,
  ).join("");

export const startLongLogProxy = async (target: string, generation: 2 | 3): Promise<LongLogProxy> => {
  const block = Buffer.from(blockOf(generation));
  let logBytes = 0;
  let sent = 0;

  function* blocks(): Generator<Buffer> {
    for (let left = logBytes; left > 0; left -= block.length) {
      sent += block.length;
      yield block;
    }
  }
  const sendLog = (response: ServerResponse): void => {
    response.writeHead(200, { "content-type": generation === 2 ? "text/plain" : "application/x-ndjson" });
    pipeline(Readable.from(blocks(), { objectMode: false }), response, () => undefined);
  };
  const forward = (incoming: IncomingMessage, response: ServerResponse): void => {
    const { method, headers, url } = incoming;
    const outgoing = request(new URL(url ?? "/", target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  };
  const server = createServer((incoming, response) => {
    if (/\/logs\/\d+(?:\?|$)/.test(incoming.url ?? "")) sendLog(response);
    else forward(incoming, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setLogBytes: (bytes) => {
      logBytes = bytes;
    },
    sent: () => sent,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

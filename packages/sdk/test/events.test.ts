import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createClient, type StreamItem } from "../src/index.ts";
import { createEventReader } from "../src/read-event-stream.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server whose answers are given one after the other, the last one again and again. */
const serve = async (...answers: Answer[]) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    (answers[asked.length - 1] ?? answers.at(-1))?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { client: createClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }), asked };
};

const frame = (id: number): string => `id: ${id}\ndata: ${JSON.stringify({ id, kind: "run.changed" })}\n\n`;

const stream =
  (text: string, after: (response: ServerResponse) => void): Answer =>
  (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`retry: 10\n\n${text}`, () => setTimeout(() => after(response), 20));
  };

const cut = (response: ServerResponse): void => void response.destroy();
const end = (response: ServerResponse): void => void response.end();
const stay = (): void => undefined;

const refuse =
  (status: number): Answer =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ code: "SOME_CODE", detail: "no", status, title: "No", type: "x" }));
  };

const take = async (items: AsyncGenerator<StreamItem>, count: number): Promise<StreamItem[]> => {
  const taken: StreamItem[] = [];
  for await (const item of items) if (taken.push(item) === count) break;
  return taken;
};

describe("following events", () => {
  it("comes back where it was when the connection is cut, ended, or refused for a while", async () => {
    const { client, asked } = await serve(
      stream(frame(1) + frame(2), cut),
      refuse(503),
      stream(`${frame(3)}: still here\nid: 9\n\n`, end),
      stream(frame(10), stay),
    );
    const items = await take(client.events({ kind: ["run.*"] }), 4);
    expect(items.map(({ id }) => id)).toEqual([1, 2, 3, 10]);
    expect(asked.map((url) => new URL(url, "http://x").searchParams.get("last_event_id"))).toEqual([
      null,
      "2",
      "2",
      "9",
    ]);
    expect(asked[0]).toContain("kind=run.");
  });

  it("hands on a reset, and takes its id for the place to go on", async () => {
    const reset = 'id: 50\nevent: reset\ndata: {"id":50,"oldest_id":41,"newest_id":50,"asked_id":3}\n\n';
    const { client, asked } = await serve(stream(reset, cut), stream(frame(51), stay));
    expect(await take(client.events(), 2)).toMatchObject([{ kind: "reset", oldest_id: 41 }, { id: 51 }]);
    expect(asked[1]).toContain("last_event_id=50");
  });

  it("throws what the server refuses for good", async () => {
    const { client } = await serve(refuse(403));
    await expect(client.events().next()).rejects.toMatchObject({ status: 403, code: "SOME_CODE" });
  });

  it("ends without an error when it is called off, also between two connections", async () => {
    const { client } = await serve(stream(frame(1), stay));
    const ending = new AbortController();
    const items = client.events({}, { signal: ending.signal });
    await items.next();
    const next = items.next();
    ending.abort();
    expect(await next).toEqual({ done: true, value: undefined });

    const { client: refused } = await serve(refuse(503));
    const calling = new AbortController();
    const waiting = refused.events({}, { signal: calling.signal, onReconnect: () => calling.abort() }).next();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it("stops where everything kept has been told, when that is all that is wanted", async () => {
    const { client, asked } = await serve(stream(`${frame(1)}event: live\nid: 1\ndata: {"id":1}\n\n`, stay));
    expect(await take(client.events({}, { follow: false }), 9)).toMatchObject([{ id: 1 }]);
    expect(asked).toHaveLength(1);
  });
});

describe("reading a stream", () => {
  it("is the same wherever the text is cut", () => {
    const text = ": hi\r\nretry: 50\r\n\r\nid: 1\nevent: reset\ndata: a\ndata:b\n\nid\ndata: ü\n\n: x\nid: 7\n\n";
    const whole = createEventReader();
    const events = whole.take(text);
    expect(events).toEqual([
      { type: "reset", data: "a\nb", id: "1", retryMs: 50 },
      { type: "message", data: "ü", id: "", retryMs: 50 },
    ]);
    expect(whole.lastId()).toBe("7");
    const single = createEventReader();
    expect(Array.from(text).flatMap((character) => single.take(character))).toEqual(events);
    expect(single.lastId()).toBe("7");
  });
});

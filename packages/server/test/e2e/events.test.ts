import { once } from "node:events";
import { connect } from "node:net";
import { createClient, type StreamItem } from "@airfleet/sdk";
import type { EventNote, Store } from "@airfleet/store";
import { afterEach, expect, test, vi } from "vitest";
import { type EventServer, startEventServer } from "../support/event-server.ts";

let running: EventServer | undefined;
let closing = new AbortController();
afterEach(async () => {
  closing.abort();
  closing = new AbortController();
  await running?.[Symbol.asyncDispose]();
  running = undefined;
});

const start = async (overrides: Parameters<typeof startEventServer>[0] = {}): Promise<EventServer> => {
  running = await startEventServer(overrides);
  return running;
};

/** Appends and gives places at once, as the sequencer does within 50 ms. */
const say = async (store: Store, ...notes: readonly EventNote[]): Promise<void> => {
  await store.events.append(...notes);
  await store.events.sequence();
};

const numbered = (number: number): EventNote => ({
  kind: "dag.changed",
  instance: "eu",
  dagId: "d",
  payload: { number },
});

const runChanged = (instance: string, id: string, payload: object = {}): EventNote => ({
  kind: "run.changed",
  instance,
  dagId: "harvest",
  runId: "r1",
  payload: {
    id,
    state: "success",
    before: "running",
    engine_state: "success",
    subjects: [],
    subjects_total: 0,
    ...payload,
  },
});

/** A stream that is read in the background, as blocks of text. */
const openStream = async (url: string, headers: Readonly<Record<string, string>> = {}) => {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: AbortSignal.any([leaving.signal, closing.signal]) });
  const blocks: string[] = [];
  const isOver = (async () => {
    let rest = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n\n");
      rest = parts.pop() ?? "";
      blocks.push(...parts);
    }
  })().catch(() => undefined);
  const data = () =>
    blocks
      .filter((block) => /^id: \d+\ndata: /.test(block))
      .map(
        (block) => JSON.parse(block.slice(block.indexOf("data: ") + 6)) as Extract<StreamItem, { payload: unknown }>,
      );
  const isLive = () => vi.waitFor(() => expect(blocks.join("\n")).toContain("event: live"), { timeout: 5_000 });
  return { response, blocks, data, isLive, isOver, leave: () => leaving.abort() };
};

const PATIENT = { timeout: 10_000, interval: 20 };

test("events come as they happen, with their place as id, unbuffered", async () => {
  const { server, store } = await start();
  const stream = await openStream(`${server.url}/api/v1/events`);
  expect(stream.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(stream.response.headers.get("x-accel-buffering")).toBe("no");
  expect(stream.response.headers.get("cache-control")).toContain("no-transform");
  expect(stream.response.headers.get("x-content-type-options")).toBe("nosniff");
  await stream.isLive();
  expect(stream.blocks[0]).toBe("retry: 1000");
  await say(store, numbered(1), numbered(2));
  await vi.waitFor(() => expect(stream.data()).toHaveLength(2), PATIENT);
  expect(stream.data()[0]).toEqual({
    id: 1,
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    kind: "dag.changed",
    instance: "eu",
    dag_id: "d",
    dag_run_id: null,
    payload: { number: 1 },
  });
});

test("filters by kind, instance, DAG, run and subject, and speaks the listener's words", async () => {
  const { server, store } = await start();
  const key = `run_${"a".repeat(52)}`;
  const subjects = [{ type: "collection", id: "é/1" }];
  const queries = {
    kind: "kind=run.*",
    instance: "instance=us",
    dag: "dag_id=d",
    run: `run=${key}&state_words=cinco`,
    subject: `subject_type=collection&subject_id=${encodeURIComponent("é/1")}`,
    type: "subject_type=collection",
  };
  const streams = Object.fromEntries(
    await Promise.all(
      Object.entries(queries).map(
        async ([name, query]) => [name, await openStream(`${server.url}/api/v1/events?${query}`)] as const,
      ),
    ),
  );
  await Promise.all(Object.values(streams).map((stream) => stream.isLive()));
  await say(store, numbered(1), runChanged("us", "run_other"), runChanged("eu", key, { subjects, subjects_total: 1 }), {
    kind: "subject.changed",
    instance: "eu",
    payload: { type: "collection", id: "2" },
  });
  const seen = (name: string) => streams[name].data().map(({ id }) => id);
  await vi.waitFor(() => {
    expect(seen("kind")).toEqual([2, 3]);
    expect(seen("instance")).toEqual([2]);
    expect(seen("dag")).toEqual([1]);
    expect(seen("run")).toEqual([3]);
    expect(seen("subject")).toEqual([3]);
    expect(seen("type")).toEqual([3, 4]);
  }, PATIENT);
  expect(streams["run"].data()[0].payload).toMatchObject({
    state: "succeeded",
    before: "running",
    engine_state: "success",
  });
});

test("whoever comes back with Last-Event-ID misses nothing and gets nothing twice, however often it leaves", async () => {
  const { server, store } = await start();
  const total = 600;
  const writing = (async () => {
    for (let number = 1; number <= total; number += 1) {
      await store.events.append(numbered(number));
      if (number % 7 === 0) await store.events.sequence();
    }
    await store.events.sequence();
  })();
  const got: number[] = [];
  let last = 0;
  let connections = 0;
  while (last < total) {
    const stream = await openStream(`${server.url}/api/v1/events`, { "last-event-id": String(last) });
    connections += 1;
    const wanted = 1 + ((connections * 37) % 90);
    await vi.waitFor(
      () => expect(stream.data().length >= wanted || stream.data().at(-1)?.id === total).toBe(true),
      PATIENT,
    );
    const part = stream.data().slice(0, wanted);
    stream.leave();
    await stream.isOver;
    got.push(...part.map(({ payload }) => Number(payload["number"])));
    last = part.at(-1)!.id;
  }
  await writing;
  expect(connections).toBeGreaterThan(5);
  expect(got).toEqual(Array.from({ length: total }, (_, index) => index + 1));
});

test("what is no longer kept is answered by reset with the oldest id, and the stream goes on", async () => {
  const { server, store } = await start();
  await say(store, ...Array.from({ length: 20 }, (_, index) => numbered(index + 1)));
  await store.events.sweep({ before: 0, keep: 5 });
  const stream = await openStream(`${server.url}/api/v1/events?last_event_id=3`);
  await stream.isLive();
  expect(stream.blocks[1]).toBe('id: 20\nevent: reset\ndata: {"id":20,"oldest_id":16,"newest_id":20,"asked_id":3}');
  await say(store, numbered(21));
  await vi.waitFor(() => expect(stream.data().map(({ id }) => id)).toEqual([21]), PATIENT);

  const kept = await openStream(`${server.url}/api/v1/events?last_event_id=15`);
  await vi.waitFor(() => expect(kept.data().map(({ id }) => id)).toEqual([16, 17, 18, 19, 20, 21]), PATIENT);
  const ahead = await openStream(`${server.url}/api/v1/events?last_event_id=99`);
  await ahead.isLive();
  expect(ahead.blocks[1]).toContain("event: reset");
  const tail = await openStream(`${server.url}/api/v1/events?tail=2`);
  await vi.waitFor(() => expect(tail.data().map(({ id }) => id)).toEqual([20, 21]), PATIENT);
});

test.each([
  ["state_words=nonsense", "state_words"],
  ["subject_id=1", "subject_type"],
  ["kind=Run;drop", "kind"],
  ["kind=run.change", "kind"],
  ["instance=mars", "mars"],
  ["nonsense=1", "nonsense"],
])("refuses %s before anything is sent", async (query, named) => {
  const { server } = await start();
  const answer = await server.get(`/api/v1/events?${query}`);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(await answer.text()).toContain(named);
});

test("a token sees events of its instances only, and its stream ends within five seconds of its revocation", async () => {
  const { server, store, control } = await start({ authMode: "token" });
  const admin = { id: "local", role: "admin", instances: ["*"], sourceIp: null, requestId: null } as const;
  const token = await control.access.createToken(admin, {
    name: "eu",
    role: "viewer",
    instances: ["eu"],
    expiresInDays: 1,
  });
  const headers = { authorization: `Bearer ${token.plain}` };
  expect((await server.get("/api/v1/events")).status).toBe(401);
  const stream = await openStream(`${server.url}/api/v1/events`, headers);
  await stream.isLive();
  await say(store, { ...numbered(1), instance: "us" }, { kind: "house.news", payload: {} }, numbered(3));
  await vi.waitFor(() => expect(stream.data().map(({ payload }) => payload)).toEqual([{ number: 3 }]), PATIENT);
  const denied = await server.get("/api/v1/events?instance=us", headers);
  expect([denied.status, ((await denied.json()) as { code: string }).code]).toEqual([404, "INSTANCE_UNKNOWN"]);

  await control.access.revokeToken(admin, token.id);
  const revokedAt = performance.now();
  await stream.isOver;
  expect(performance.now() - revokedAt).toBeLessThan(5_000);
  expect(stream.blocks.at(-1)).toContain("event: dropped");
});

test("a client that does not read is dropped with a hint, and nobody else notices", async () => {
  const { server, store, control } = await start();
  const { hostname, port } = new URL(server.url);
  const sleeper = connect(Number(port), hostname);
  sleeper.write(`GET /api/v1/events HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`);
  await once(sleeper, "readable");
  sleeper.pause();
  const awake = await openStream(`${server.url}/api/v1/events`);
  await awake.isLive();
  await vi.waitFor(() => expect(control.events.size()).toBe(2), PATIENT);
  const text = "x".repeat(20_000);
  let sent = 0;
  await vi.waitFor(
    async () => {
      await say(store, ...Array.from({ length: 10 }, () => ({ ...numbered((sent += 1)), payload: { text } })));
      expect(control.events.size()).toBe(1);
    },
    { timeout: 40_000, interval: 30 },
  );
  await vi.waitFor(() => expect(awake.data()).toHaveLength(sent), PATIENT);
  sleeper.destroy();
});

test("when the server stops it ends its streams at once", async () => {
  const { server } = await start();
  const stream = await openStream(`${server.url}/api/v1/events`);
  await stream.isLive();
  const began = performance.now();
  await server.running.close();
  await stream.isOver;
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(stream.blocks.at(-1)).toContain("the server stops");
});

test("the client follows until it is told to stop, or to what is kept only, and throws what the server refuses", async () => {
  const { server, store } = await start();
  const client = createClient({ baseUrl: server.url });
  const ending = new AbortController();
  const seen: number[] = [];
  const following = (async () => {
    for await (const item of client.events({ kind: ["dag.*"] }, { signal: ending.signal })) {
      if (item.kind !== "reset") seen.push(item.id);
    }
  })();
  await vi.waitFor(() => expect(running?.control.events.size()).toBe(1), PATIENT);
  await say(store, numbered(1));
  await vi.waitFor(() => expect(seen).toEqual([1]), PATIENT);
  ending.abort();
  await following;
  await say(store, numbered(2), numbered(3));
  const kept: number[] = [];
  for await (const item of client.events({ tail: 2 }, { follow: false })) if (item.kind !== "reset") kept.push(item.id);
  expect(kept).toEqual([2, 3]);
  const refused = client.events({ instance: ["mars"] }).next();
  await expect(refused).rejects.toMatchObject({ code: "INSTANCE_UNKNOWN" });
});

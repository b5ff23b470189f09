import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, expectTypeOf, test } from "vitest";
import { AirfleetApiError, AirfleetConnectionError, type Client, createClient } from "../src/index.ts";
import { ROUTE_TABLE } from "../src/routes.gen.ts";
import { type FakeServer, type Handlers, Refusal, startFakeServer } from "./support/fake-server.ts";
import { action, instance } from "./support/samples.ts";

let server: FakeServer | undefined;
afterEach(async () => server?.[Symbol.asyncDispose]());

const connect = async (handlers: Handlers, options: { readonly token?: string } = {}) => {
  server = await startFakeServer(handlers);
  return createClient({ baseUrl: server.url, ...options });
};

const caught = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

/** A server that answers every request with this. */
const answerAlways = async (
  status: number,
  type: string,
  body: string,
): Promise<{ readonly url: string; close(): void }> => {
  const plain = createServer((_, response) => {
    response.writeHead(status, { "content-type": type, location: "/login" });
    response.end(body);
  });
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(plain.address() as AddressInfo).port}`, close: () => plain.close() };
};

describe("the client", () => {
  test("has a method for every route", () => {
    const client: Readonly<Record<string, unknown>> = { ...createClient({ baseUrl: "http://127.0.0.1:1" }) };
    const { streamEvents, ...calls } = ROUTE_TABLE;
    for (const id of Object.keys(calls)) expect(client[id]).toBeTypeOf("function");
    expect(streamEvents.path).toBe("/api/v1/events");
    expect(client["events"]).toBeTypeOf("function");
  });

  test("knows at compile time what a route takes and answers", () => {
    expectTypeOf<Parameters<Client["patchDag"]>[0]["body"]["is_paused"]>().toEqualTypeOf<boolean>();
    expectTypeOf<Awaited<ReturnType<Client["getVersion"]>>["name"]>().toEqualTypeOf<"airfleet">();
    expectTypeOf<Awaited<ReturnType<Client["revokeToken"]>>>().toEqualTypeOf<undefined>();
    expectTypeOf<Client["readLog"]>().returns.toExtend<AsyncIterable<{ text: string }>>();
    expectTypeOf<Client["listInstances"]>().toBeCallableWith();
    // @ts-expect-error a DAG has to be named
    expectTypeOf<Client["getDag"]>().toBeCallableWith();
  });

  test("loads no schema library", async () => {
    const loaded = (await import("node:child_process")).execFileSync(
      process.execPath,
      [
        "--conditions=@airfleet/source",
        "--input-type=module",
        "-e",
        `import { registerHooks } from "node:module";
         const seen = [];
         registerHooks({ load: (url, context, next) => { seen.push(url); return next(url, context); } });
         await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
         console.log(seen.join("\\n"));`,
      ],
      { encoding: "utf8" },
    );
    expect(loaded).toContain("create-client.ts");
    expect(loaded).not.toMatch(/zod|packages\/(contract|model)/);
  });

  test("fills path, query and body, whatever the ids contain", async () => {
    const nasty = "a/b?c#d%2F..+e: ü";
    const client = await connect({
      patchDag: ({ params, body }) => action({ dag_id: params.dag_id, after: body }),
      listDags: ({ query }) => {
        expect(query).toMatchObject({ instance: ["eu-1", "us-1"], paused: false, limit: 5 });
        return { items: [], next_cursor: null, instances: [] };
      },
    });
    const done = await client.patchDag({ params: { instance: "eu-1", dag_id: nasty }, body: { is_paused: true } });
    expect(done).toMatchObject({ dag_id: nasty, after: { is_paused: true } });
    await client.listDags({ query: { instance: ["eu-1", "us-1"], paused: false, limit: 5 } });
  });

  test.each(["", ".", ".."])("refuses %j as an id, which no path can carry", async (dag_id) => {
    const client = createClient({ baseUrl: "http://127.0.0.1:1" });
    expect(await caught(client.getFleetDag({ params: { dag_id } }))).toBeInstanceOf(TypeError);
  });

  test("keeps a path prefix of the base URL", async () => {
    let asked = "";
    const client = createClient({
      baseUrl: "http://127.0.0.1:1/airfleet/",
      fetch: async (url) => {
        asked = new Request(url).url;
        return Response.json({ name: "airfleet", version: "1", node: null });
      },
    });
    await client.getVersion();
    expect(asked).toBe("http://127.0.0.1:1/airfleet/version");
  });

  test("sends token, If-Match, Idempotency-Key and Prefer", async () => {
    const client = await connect({ deleteInstance: () => undefined, triggerRun: () => action() }, { token: "aft_1" });
    await client.deleteInstance({ params: { instance: "eu-1" } }, { ifMatch: 3 });
    await client.triggerRun(
      { params: { instance: "eu-1", dag_id: "orders" } },
      { idempotencyKey: "k", prefer: { wait: 5 } },
    );
    await client.triggerRun({ params: { instance: "eu-1", dag_id: "orders" } }, { prefer: "respond-async" });
    expect(server?.headers).toMatchObject([
      { authorization: "Bearer aft_1", "if-match": '"3"' },
      { "idempotency-key": "k", prefer: "wait=5", "content-type": "application/json" },
      { prefer: "respond-async" },
    ]);
  });

  test("answers undefined where there is no body", async () => {
    const client = await connect({ revokeToken: () => undefined });
    expect(await client.revokeToken({ params: { token: "tok_1" } })).toBeUndefined();
  });

  test("follows cursors to the last page", async () => {
    const client = await connect({
      listAudit: () => ({ items: [], next_cursor: null }),
      listActions: ({ query }) =>
        query.cursor === undefined
          ? { items: [action({ id: "a" }), action({ id: "b" })], next_cursor: "next" }
          : { items: [action({ id: query.cursor })], next_cursor: null },
      listInstances: () => ({ items: [instance()], next_cursor: null }),
    });
    const rows = await Array.fromAsync(client.items("listActions", { query: { limit: 2 } }));
    expect(rows.map(({ id }) => id)).toEqual(["a", "b", "next"]);
    expect(await Array.fromAsync(client.pages("listAudit", {}))).toHaveLength(1);
    expect((await Array.fromAsync(client.items("listInstances", {})))[0]?.id).toBe("eu-1");
  });

  test("yields the lines of a log as objects", async () => {
    const line = { at: null, level: null, source: null };
    const client = await connect({
      readLog: () => [
        { ...line, text: "one" },
        { ...line, text: "zwei ü\u2028" },
      ],
    });
    const address = { instance: "eu-1", dag_id: "orders", dag_run_id: "r", task_id: "t" };
    const lines = await Array.fromAsync(client.readLog({ params: address }));
    expect(lines.map(({ text }) => text)).toEqual(["one", "zwei ü\u2028"]);
  });
});

describe("an error", () => {
  test("of the server has its status, code and problem", async () => {
    const client = await connect({
      getInstance: () => {
        throw new Refusal(404, "INSTANCE_UNKNOWN", 'There is no instance "eu-9".');
      },
    });
    const error = await caught(client.getInstance({ params: { instance: "eu-9" } }));
    expect(error).toBeInstanceOf(AirfleetApiError);
    expect(error).toMatchObject({
      status: 404,
      code: "INSTANCE_UNKNOWN",
      message: 'There is no instance "eu-9".',
      problem: { request_id: "req-1" },
    });
  });

  test("tells that nobody listens, and where", async () => {
    const gone = await startFakeServer({});
    await gone[Symbol.asyncDispose]();
    const error = await caught(createClient({ baseUrl: gone.url }).getVersion());
    expect(error).toBeInstanceOf(AirfleetConnectionError);
    expect(error).toMatchObject({ code: "SERVER_UNREACHABLE" });
    expect(String(error)).toMatch(new RegExp(`${gone.url}.*ECONNREFUSED`));
  });

  test("tells that the server did not answer in time", async () => {
    const client = createClient({
      baseUrl: "http://127.0.0.1:1",
      timeoutMs: 20,
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
        }),
    });
    expect(await caught(client.getVersion())).toMatchObject({ code: "SERVER_TIMEOUT" });
  });

  test.each([
    [200, "text/html", "<html>login</html>"],
    [502, "text/html", "<html>bad gateway</html>"],
    [302, "text/plain", ""],
    [500, "application/json", '{"error": "other"}'],
  ])("tells that a %s of type %s is no answer of Airfleet", async (status, type, body) => {
    const other = await answerAlways(status, type, body);
    try {
      const error = await caught(createClient({ baseUrl: other.url }).getVersion());
      expect(error).toMatchObject({ name: "AirfleetConnectionError", code: "NOT_AIRFLEET" });
    } finally {
      other.close();
    }
  });

  test("tells that a stream broke off", async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"at":null,"level":null,"source":null,"text":"a"}\n'));
      },
      pull(controller) {
        controller.error(new TypeError("terminated"));
      },
    });
    const client = createClient({ baseUrl: "http://127.0.0.1:1", fetch: async () => new Response(body) });
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      const address = { instance: "i", dag_id: "d", dag_run_id: "r", task_id: "t" };
      for await (const line of client.readLog({ params: address })) seen.push(line.text);
    };
    expect(await caught(read())).toMatchObject({ code: "SERVER_UNREACHABLE" });
    expect(seen).toEqual(["a"]);
  });

  test("of the caller's own abort is the caller's reason", async () => {
    const client = await connect({ getVersion: () => ({ name: "airfleet", version: "1", node: null }) });
    const reason = new Error("changed my mind");
    expect(await caught(client.getVersion({}, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });
});

import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { AirfleetError } from "@airfleet/model";
import { Problem } from "@airfleet/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFakeControl, type FakeWorld, instanceOf } from "./support/fake-control.ts";
import { serveForTest, type TestServer } from "./support/serve.ts";

let server: TestServer;
let world: FakeWorld;
beforeAll(async () => {
  const fake = createFakeControl();
  world = fake.world;
  server = await serveForTest(fake.control);
});
afterAll(() => server.running.close());

const problemOf = async (answer: Response): Promise<Problem> => {
  expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  return Problem.parse(await answer.json());
};
const PAUSE = "/api/v1/instances/client1/dags/orders";

describe("requests of our own API", () => {
  test("an unknown query key is refused with its place and what is known", async () => {
    const problem = await problemOf(await server.get("/api/v1/dags?limt=3"));
    expect(problem).toMatchObject({ status: 400, code: "REQUEST_INVALID" });
    expect(problem.errors).toEqual([
      { pointer: "/query/limt", message: expect.stringContaining("limit"), code: "unrecognized_keys" },
    ]);
  });

  test("a query key given twice is refused", async () => {
    const problem = await problemOf(await server.get("/api/v1/dags?limit=1&limit=2"));
    expect(problem.errors).toEqual([
      { pointer: "/query/limit", message: "Given more than once.", code: "repeated_key" },
    ]);
  });

  test("every wrong place of a body is found", async () => {
    const body = { id: "a b", url: "ftp://x", tier: "gold", extra: 1 };
    const problem = await problemOf(await server.send("POST", "/api/v1/instances", body));
    expect(problem.errors?.map(({ pointer }) => pointer).sort()).toEqual([
      "/body/extra",
      "/body/id",
      "/body/tier",
      "/body/url",
    ]);
  });

  test("a body on a route without one is refused", async () => {
    const problem = await problemOf(await server.send("POST", "/api/v1/audit/verify", { a: 1 }));
    expect(problem.errors?.[0]?.pointer).toBe("/body/a");
  });

  test.each([
    ["broken JSON", '{"is_paused": tru'],
    ["a __proto__ key", '{"is_paused": true, "__proto__": {"x": 1}}'],
    ["a constructor.prototype key", '{"is_paused": true, "constructor": {"prototype": {"x": 1}}}'],
  ])("%s is BODY_UNREADABLE", async (_what, body) => {
    expect(await problemOf(await server.send("PATCH", PAUSE, body))).toMatchObject({
      status: 400,
      code: "BODY_UNREADABLE",
    });
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test("a body of 2 MB is BODY_TOO_LARGE", async () => {
    const answer = await server.send("PATCH", PAUSE, { is_paused: true, confirm: "x".repeat(2_000_000) });
    expect(await problemOf(answer)).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
  });

  test("another media type than JSON is refused", async () => {
    const answer = await server.send("PATCH", PAUSE, "is_paused=true", {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(await problemOf(answer)).toMatchObject({ status: 415, code: "MEDIA_TYPE_UNSUPPORTED" });
  });

  test("another method is answered 405 with what is allowed, and OPTIONS tells the same", async () => {
    const answer = await server.send("PUT", PAUSE, {});
    expect(answer.headers.get("allow")).toBe("GET, HEAD, PATCH, OPTIONS");
    expect(await problemOf(answer)).toMatchObject({ status: 405, code: "METHOD_NOT_ALLOWED" });
    const options = await server.send("OPTIONS", PAUSE);
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, PATCH, OPTIONS"]);
  });

  test("HEAD answers as GET does, without a body", async () => {
    const answer = await server.send("HEAD", "/api/v1/instances");
    expect(answer.status).toBe(200);
    expect(Number(answer.headers.get("content-length"))).toBeGreaterThan(100);
    expect(await answer.text()).toBe("");
  });

  test("an unknown path is a problem that says where the routes are", async () => {
    expect(await problemOf(await server.get("/api/v2/x"))).toMatchObject({ status: 404, code: "ROUTE_UNKNOWN" });
  });

  test("a path that is no percent-encoding is refused", async () => {
    expect(await problemOf(await server.get("/api/v1/dags/%zz"))).toMatchObject({
      status: 400,
      code: "REQUEST_INVALID",
    });
  });

  test("an id with a slash, a question mark and unicode reaches the use case as it was meant", async () => {
    const id = "a/b?c#d%e+ü ~:é";
    const answer = await server.send("PATCH", `/api/v1/instances/client1/dags/${encodeURIComponent(id)}`, {
      is_paused: true,
    });
    expect(answer.status).toBe(200);
    expect(world.performed.at(-1)).toMatchObject({ verb: "dag:pause", dagId: id });
  });

  test("what is no HTTP is answered 400 and cut off", async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => socket.write("NONSENSE\r\n\r\n"));
      let seen = "";
      socket.on("data", (data) => (seen += data.toString()));
      socket.on("close", () => resolve(seen));
      socket.on("error", reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain("application/problem+json");
  });
});

describe("every answer", () => {
  test("carries the caller's request id, or one of ours when that is no plain word", async () => {
    expect((await server.get("/healthz", { "x-request-id": "abc-1" })).headers.get("x-request-id")).toBe("abc-1");
    const strange = await server.get("/healthz", { "x-request-id": "a b<script>" });
    expect(strange.headers.get("x-request-id")).toMatch(/^req_[\w-]{16}$/);
  });

  test("is not to be cached, sniffed, framed or referred to", async () => {
    for (const path of ["/healthz", "/api/v1/instances", "/api/dags", "/nope"]) {
      const { headers } = await server.get(path);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("stands in the log with request and trace id, without its query", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    await server.get("/api/v1/instances?secret=hunter2", {
      "x-request-id": "traced",
      traceparent: `00-${trace}-00f067aa0ba902b7-01`,
    });
    const line = server.log
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .find((each) => each.request_id === "traced");
    expect(line).toMatchObject({
      trace_id: trace,
      path: "/api/v1/instances",
      status: 400,
      level: "info",
      actor: "local",
    });
    expect(server.log.join("")).not.toContain("hunter2");
  });
});

const act = (fields: Awaited<ReturnType<FakeWorld["act"]>>): void => {
  world.act = () => fields;
};

const makeToken = (name: string): Promise<Response> =>
  server.send("POST", "/api/v1/tokens", { name, role: "viewer" }, { "idempotency-key": '"k-1"' });

describe("writes", () => {
  test("one that is done answers the action and where it is kept", async () => {
    act({ after: { is_paused: true } });
    const answer = await server.send("PATCH", PAUSE, { is_paused: true });
    expect([answer.status, answer.headers.get("location")]).toEqual([200, "/api/v1/actions/act_1"]);
    expect(await answer.json()).toMatchObject({
      id: "act_1",
      state: "done",
      after: { is_paused: true },
      dag_id: "orders",
    });
  });

  test("one that outlasts the caller's patience answers 202", async () => {
    act({ state: "pending", finishedAt: null, after: null });
    const answer = await server.send("PATCH", PAUSE, { is_paused: true }, { prefer: "respond-async" });
    expect([answer.status, answer.headers.get("location")]).toEqual([202, "/api/v1/actions/act_1"]);
  });

  test("one that failed answers its code with the action's id", async () => {
    act({
      state: "failed",
      error: { code: "DAG_UNKNOWN", message: 'There is no DAG "orders" on instance "client1".' },
    });
    const problem = await problemOf(await server.send("PATCH", PAUSE, { is_paused: true }));
    expect(problem).toMatchObject({
      status: 404,
      code: "DAG_UNKNOWN",
      action: "act_1",
      detail: 'There is no DAG "orders" on instance "client1".',
    });
  });

  test("a failure inside us says nothing of our insides", async () => {
    act({ state: "failed", error: { code: "INTERNAL", message: "password=hunter2 at /srv/secret" } });
    const text = await (await server.send("PATCH", PAUSE, { is_paused: true })).text();
    expect(text).not.toMatch(/hunter2|srv/);
    act({});
  });

  test("a change of an instance needs the version that was last read", async () => {
    world.instances = [instanceOf("stored1", { source: "stored", version: 7 })];
    const read = await server.get("/api/v1/instances/stored1");
    expect(read.headers.get("etag")).toBe('"7"');
    const change = (headers: Record<string, string>): Promise<Response> =>
      server.send("PATCH", "/api/v1/instances/stored1", { enabled: false }, headers);
    expect(await problemOf(await change({}))).toMatchObject({ status: 428, code: "VERSION_MISSING" });
    expect(await problemOf(await change({ "if-match": "W/abc" }))).toMatchObject({
      status: 412,
      code: "VERSION_CONFLICT",
    });
    expect((await change({ "if-match": '"7"' })).status).toBe(200);
    world.instances = [instanceOf("client1"), instanceOf("client3")];
  });

  test("a repeated Idempotency-Key answers the first token again and makes no second one", async () => {
    const first = await makeToken("a");
    const again = await makeToken("a");
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.json()).toEqual(await first.json());
    expect(world.created).toHaveLength(1);
    expect(await problemOf(await makeToken("b"))).toMatchObject({ status: 422, code: "IDEMPOTENCY_KEY_REUSED" });
  });

  test("a key of 256 characters is refused", async () => {
    const answer = await server.send(
      "POST",
      "/api/v1/tokens",
      { name: "a", role: "viewer" },
      { "idempotency-key": "k".repeat(256) },
    );
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: "REQUEST_INVALID" });
  });
});

describe("the house's own routes", () => {
  test("/readyz says 503 without a store, while /healthz lives on", async () => {
    world.ready = false;
    const ready = await server.get("/readyz");
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: "failing", checks: { store: "STORE_UNAVAILABLE" } },
    ]);
    expect((await server.get("/healthz")).status).toBe(200);
    world.ready = true;
  });

  test("/metrics counts answers by route pattern, and shows each breaker", async () => {
    await server.get("/api/v1/instances/client1");
    const text = await (await server.get("/metrics")).text();
    expect(text).toMatch(
      /http_server_request_duration_seconds_count\{method="GET",route="\/api\/v1\/instances\/:instance",status="200"\} [1-9]/,
    );
    expect(text).toContain('build_info{version="0.1.0"');
    expect(text).toContain("nodejs_eventloop_lag_seconds");
  });

  test("an error that nobody foresaw is INTERNAL, and only the log knows why", async () => {
    world.native = async () => {
      throw new Error("secret detail of /srv/airfleet");
    };
    const answer = await server.get("/api/dags");
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).toContain("INTERNAL");
    expect(text).not.toContain("secret detail");
    expect(server.log.join("")).toContain("secret detail");
    world.native = async () => '{"dags":[]}';
  });

  test("a store in trouble is told without where it is", async () => {
    const gone = new AirfleetError("STORE_UNAVAILABLE", { reason: "connect ECONNREFUSED db.internal:5432" });
    world.native = async () => {
      throw gone;
    };
    world.act = () => ({ state: "failed", error: { code: gone.code, message: gone.message } });
    const seed = await server.get("/api/dags?clients=client1");
    const action = await server.send("PATCH", PAUSE, { is_paused: true });
    world.act = () => {
      throw gone;
    };
    const thrown = await server.send("PATCH", PAUSE, { is_paused: true });
    expect([seed.status, action.status, thrown.status]).toEqual([200, 503, 503]);
    for (const text of [await seed.text(), await action.text(), await thrown.text()]) {
      expect(text).toContain("STORE_UNAVAILABLE");
      expect(text).not.toContain("db.internal");
    }
    world.act = () => ({});
    world.native = async () => '{"dags":[]}';
  });

  test("an error of an instance keeps its message", async () => {
    world.native = async (instance) => {
      throw new AirfleetError("INSTANCE_TLS_FAILED", { instance, reason: "self-signed certificate" });
    };
    const body = (await (await server.get("/api/dags?clients=client1")).json()) as { results: unknown[] };
    expect(body.results[0]).toMatchObject({
      code: "INSTANCE_TLS_FAILED",
      error: expect.stringContaining("self-signed"),
    });
    world.native = async () => '{"dags":[]}';
  });
});

test("an HTTP/1.0 request without Host is refused", async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    httpRequest(`${server.url}/healthz`, { setHost: false, headers: { host: "" } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe(421);
});

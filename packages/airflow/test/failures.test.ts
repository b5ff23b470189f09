import { guardedLookup } from "@airfleet/http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { gzipSync } from "node:zlib";
import { toDagId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { errorOf, givenEngine, reply, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const DAG = sample("v1", "dag_get").response.body;
const dag = toDagId("t_ok");

describe("retries", () => {
  it.each([408, 425, 429, 502, 503, 504])("repeats a read after status %i, twice at most", async (status) => {
    await using stub = await startAirflowStub(2, { "GET /dags/t_ok": [{ status }, { status }, { body: DAG }] });
    await using engine = givenEngine(stub.url);
    expect(await engine.getDag(dag)).toMatchObject({ dagId: "t_ok" });
    stub.calls.length = 0;
    stub.route("GET /dags/t_ok", { status, body: { detail: "not now" } });
    const error = await errorOf(engine.getDag(dag));
    expect(error).toMatchObject({ code: "AIRFLOW_SERVER_ERROR", details: { status, reason: "not now" } });
    expect(stub.calls.length).toBeLessThanOrEqual(3);
  });

  it.each([400, 404, 409, 500, 501])("does not repeat after status %i", async (status) => {
    await using stub = await startAirflowStub(2, { "GET /dags": { status, body: { title: "no" } } });
    await using engine = givenEngine(stub.url);
    await errorOf(engine.listDags({}));
    expect(stub.calls).toHaveLength(1);
  });

  it("waits as long as Retry-After says, and tells it when the time is too short", async () => {
    await using stub = await startAirflowStub(2, {
      "GET /dags/t_ok": [{ status: 429, headers: { "retry-after": "1" } }, { body: DAG }],
    });
    await using engine = givenEngine(stub.url);
    const startedAt = performance.now();
    await engine.getDag(dag);
    expect(performance.now() - startedAt).toBeGreaterThan(950);
    stub.route("GET /dags/t_ok", { status: 429, headers: { "retry-after": "20" } });
    const before = performance.now();
    const error = await errorOf(engine.getDag(dag, { timeoutMs: 2_000 }));
    expect(error).toMatchObject({ code: "AIRFLOW_SERVER_ERROR", retryAfterSeconds: 20 });
    expect(performance.now() - before).toBeLessThan(500);
  });

  it("repeats a read after a reset, but never a write", async () => {
    await using stub = await startAirflowStub(2, {
      "GET /dags/t_ok": [(_seen, response) => void response.destroy(), { body: DAG }],
      "PATCH /dags/t_ok": (_seen, response) => void response.destroy(),
    });
    await using engine = givenEngine(stub.url);
    await engine.getDag(dag);
    stub.calls.length = 0;
    expect(await errorOf(engine.setPaused(dag, true))).toMatchObject({ code: "INSTANCE_UNREACHABLE" });
    expect(stub.calls).toHaveLength(1);
  });

  it("adds at most a fifth, and three, to the load of a server that keeps saying 503", async () => {
    await using stub = await startAirflowStub(2);
    // Every other answer is good, so that the breaker stays closed.
    let count = 0;
    stub.route("GET /dags/t_ok", (_seen, response) => {
      count += 1;
      if (count % 3 === 0) reply(response, 200, DAG);
      else reply(response, 503, { detail: "busy" });
    });
    await using engine = givenEngine(stub.url);
    let calls = 0;
    for (; calls < 60; calls += 1) await engine.getDag(dag).catch(() => undefined);
    const reached = stub.calls.length;
    expect(reached).toBeGreaterThan(10);
    expect(reached).toBeLessThanOrEqual(calls * 1.2 + 3);
  });
});

const look = (name: string, all: boolean): Promise<unknown> =>
  new Promise((resolve) => guardedLookup(name, { all }, (error, address) => resolve(error ?? address)));

it("looks a name up only to callable addresses, so that what was checked is what is called", async () => {
  expect(await look("localhost", false)).toMatch(/^(127\.0\.0\.1|::1)$/);
  expect(await look("localhost", true)).toEqual(
    expect.arrayContaining([expect.objectContaining({ family: expect.any(Number) })]),
  );
  for (const name of ["169.254.169.254", "fd00:ec2::254", "ff02::1"]) {
    expect(await look(name, true)).toMatchObject({ kind: "refused_address" });
  }
});

describe("deadlines", () => {
  it.each([60, 300])("ends a hanging call after its %i ms, at most 50 ms late", async (timeoutMs) => {
    await using stub = await startAirflowStub(2, {
      "GET /dags/t_ok": () => undefined,
      "GET /dags": { body: { dags: [], total_entries: 0 } },
    });
    await using engine = givenEngine(stub.url);
    await engine.listDags({});
    const startedAt = performance.now();
    const error = await errorOf(engine.getDag(dag, { timeoutMs }));
    const tookMs = performance.now() - startedAt;
    expect(error).toMatchObject({ code: "INSTANCE_TIMEOUT", details: { timeout_ms: timeoutMs } });
    expect(tookMs).toBeGreaterThanOrEqual(timeoutMs - 2);
    expect(tookMs).toBeLessThan(timeoutMs + 50);
  });

  it("counts all pages together", async () => {
    await using stub = await startAirflowStub(2, {
      "GET /importErrors": (_seen, response) => {
        setTimeout(() => reply(response, 200, { import_errors: [{ import_error_id: 1 }], total_entries: 1_000 }), 40);
      },
    });
    await using engine = givenEngine(stub.url);
    const startedAt = performance.now();
    expect(await errorOf(engine.listImportErrors({ timeoutMs: 250 }))).toMatchObject({ code: "INSTANCE_TIMEOUT" });
    expect(performance.now() - startedAt).toBeLessThan(300);
  });

  it("ends a call that waits in the queue behind hanging ones as punctually", async () => {
    await using stub = await startAirflowStub(2, {
      "GET /dags/t_ok": () => undefined,
      "GET /dags": { body: { dags: [], total_entries: 0 } },
    });
    await using engine = givenEngine(stub.url, { limits: { concurrency: 1 } });
    await engine.listDags({});
    const hanging = errorOf(engine.getDag(dag, { timeoutMs: 600 }));
    const startedAt = performance.now();
    expect(await errorOf(engine.getDag(dag, { timeoutMs: 100 }))).toMatchObject({ code: "INSTANCE_TIMEOUT" });
    expect(performance.now() - startedAt).toBeLessThan(150);
    await hanging;
  });

  it("rejects with the caller's own reason when the caller gives up", async () => {
    await using stub = await startAirflowStub(2, { "GET /dags/t_ok": () => undefined });
    await using engine = givenEngine(stub.url);
    const controller = new AbortController();
    const call = errorOf(engine.getDag(dag, { signal: controller.signal }));
    const reason = new Error("never mind");
    setTimeout(() => controller.abort(reason), 50);
    expect(await call).toBe(reason);
  });
});

describe("answers that are none", () => {
  it.each([
    [
      "an HTML error page",
      { status: 500, body: sample("v1", "trigger_run_id_rejected").response.body },
      "AIRFLOW_SERVER_ERROR",
      "Ooops!",
    ],
    [
      "HTML with status 200",
      { body: "<!DOCTYPE html><html><head><title>Sign in</title></head></html>" },
      "AIRFLOW_ANSWER_INVALID",
      "Sign in",
    ],
    ["JSON of another shape", { body: { dag: 1 } }, "AIRFLOW_ANSWER_INVALID", "dag_id"],
    [
      "a redirect to a login page",
      { status: 302, headers: { location: "/login/?next=x" } },
      "INSTANCE_REDIRECTED",
      "/login/",
    ],
    [
      "a permanent redirect",
      { status: 308, headers: { location: "https://elsewhere.example/api" } },
      "INSTANCE_REDIRECTED",
      "elsewhere.example",
    ],
    [
      "a compression we did not ask for",
      { body: DAG, headers: { "content-encoding": "br" } },
      "AIRFLOW_ANSWER_INVALID",
      "br",
    ],
  ] as const)("%s is told as what it is", async (_name, answer, code, words) => {
    await using stub = await startAirflowStub(2, { "GET /dags/t_ok": answer });
    await using engine = givenEngine(stub.url);
    const error = await errorOf(engine.getDag(dag));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(words);
    expect(stub.calls).toHaveLength(1);
  });

  it("stops reading at the size limit, whether the length was announced or not", async () => {
    const body = JSON.stringify({ dags: ["x".repeat(2_000_000)] });
    await using stub = await startAirflowStub(2, {
      "GET /dags": (_seen, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write(body);
        response.end(body);
      },
      "GET /dags/t_ok": (_seen, response) => reply(response, 200, JSON.parse(body)),
      "GET /dags/gz": (_seen, response) => {
        const zipped = gzipSync(body);
        response.writeHead(200, {
          "content-type": "application/json",
          "content-encoding": "gzip",
          "content-length": zipped.length,
        });
        response.end(zipped);
      },
    });
    await using engine = givenEngine(stub.url, { limits: { answer_bytes: 100_000 } });
    for (const call of [() => engine.listDags({}), () => engine.getDag(dag), () => engine.getDag(toDagId("gz"))]) {
      expect(await errorOf(call())).toMatchObject({
        code: "AIRFLOW_ANSWER_TOO_LARGE",
        details: { limit_bytes: 100_000 },
      });
    }
  });

  it("reads a gzip body that fits", async () => {
    const zipped = gzipSync(JSON.stringify(DAG));
    await using stub = await startAirflowStub(2, {
      "GET /dags/t_ok": (_seen, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
        response.end(zipped);
      },
    });
    await using engine = givenEngine(stub.url);
    expect(await engine.getDag(dag)).toMatchObject({ dagId: "t_ok" });
  });

  it.each(["announced", "chunked"])("never takes a truncated %s body for an answer", async (kind) => {
    const text = JSON.stringify(DAG);
    await using stub = await startAirflowStub(2, {
      "GET /dags/t_ok": (_seen, response) => {
        response.writeHead(200, {
          "content-type": "application/json",
          ...(kind === "announced" ? { "content-length": text.length } : {}),
        });
        response.write(text.slice(0, 200));
        if (kind === "announced") setTimeout(() => response.destroy(), 10);
        else response.end();
      },
    });
    await using engine = givenEngine(stub.url);
    const code = kind === "announced" ? "INSTANCE_UNREACHABLE" : "AIRFLOW_ANSWER_INVALID";
    expect(await errorOf(engine.getDag(dag))).toMatchObject({ code });
    const native = await errorOf(engine.readNative!({ kind: "dag", dagId: dag }));
    expect(native).toMatchObject({ code });
  });

  it("says connection refused when nobody listens", async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await using engine = givenEngine(`http://127.0.0.1:${port}`);
    const error = await errorOf(engine.listDags({}));
    expect(error).toMatchObject({ code: "INSTANCE_UNREACHABLE", details: { reason: "Connection refused" } });
  });

  it("says what is wrong when the port speaks no HTTP", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => socket.write("SSH-2.0-OpenSSH_9.2\r\n"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await using engine = givenEngine(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(await errorOf(engine.listDags({}))).toMatchObject({ code: "AIRFLOW_ANSWER_INVALID" });
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    "http://169.254.169.254",
    "http://2852039166",
    "http://[::ffff:169.254.169.254]",
    "http://[fe80::1]",
    "http://224.0.0.1",
  ])("never calls the metadata or multicast address %s", async (url) => {
    await using engine = givenEngine(url);
    expect(await errorOf(engine.listDags({}, { timeoutMs: 2_000 }))).toMatchObject({
      code: "INSTANCE_UNREACHABLE",
      details: { reason: expect.stringContaining("never called") },
    });
  });
});

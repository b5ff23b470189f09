import { AirfleetError, type ErrorCode } from "@airfleet/model";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFakeControl, type FakeWorld, instanceOf } from "../support/fake-control.ts";
import { serveForTest, type TestServer } from "../support/serve.ts";

interface Envelope {
  readonly total_clients: number;
  readonly successful_clients: number;
  readonly failed_clients: number;
  readonly outcome: string;
  readonly ignored_clients: readonly string[];
  readonly results: readonly Record<string, unknown>[];
}

const NOBODY = "No valid clients specified or all clients disabled";
let server: TestServer;
let world: FakeWorld;
let asked: string[] = [];

beforeAll(async () => {
  const fake = createFakeControl();
  world = fake.world;
  server = await serveForTest(fake.control);
});
afterAll(() => server.running.close());
beforeEach(() => {
  asked = [];
  world.instances = [
    instanceOf("client1", { name: "Production Airflow" }),
    instanceOf("client2", { enabled: false }),
    instanceOf("client3", { name: "Development Airflow" }),
    instanceOf("etl", { engine: "dagster" }),
    instanceOf("gone", { enabled: false, removed: true }),
  ];
  world.native = async (instance) => {
    asked.push(instance);
    return `{"dags": [{"dag_id": "d_${instance}"}],  "total_entries": 1}`;
  };
});

const dags = async (query = ""): Promise<Envelope> => {
  const answer = await server.get(`/api/dags${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Envelope;
};
const idsOf = (envelope: Envelope): unknown[] => envelope.results.map((result) => result.client_id);
const refuse =
  (code: ErrorCode, details: ConstructorParameters<typeof AirfleetError>[1]) => async (): Promise<never> => {
    throw new AirfleetError(code, details);
  };

describe("which clients are asked", () => {
  test("all enabled Airflow clients in configured order when none are named", async () => {
    expect(idsOf(await dags())).toEqual(["client1", "client3"]);
  });

  test("those named, in the order of the query", async () => {
    expect(idsOf(await dags("?clients=client3,%20client1"))).toEqual(["client3", "client1"]);
  });

  test("a repeated key is a list as well", async () => {
    expect(idsOf(await dags("?clients=client3&clients=client1"))).toEqual(["client3", "client1"]);
  });

  test("one that is named twice acts once", async () => {
    const answer = await server.send("POST", "/api/disaster-recovery/run/d?clients=client1,client1", {});
    expect(((await answer.json()) as Envelope).total_clients).toBe(1);
    expect(world.performed.filter(({ verb }) => verb === "run:trigger")).toHaveLength(1);
  });

  test("unknown, disabled, removed and other engines' ids are skipped and told", async () => {
    const envelope = await dags("?clients=nope,client2,client1,gone,etl");
    expect(idsOf(envelope)).toEqual(["client1"]);
    expect(envelope.ignored_clients).toEqual(["nope", "client2", "gone", "etl"]);
    expect(envelope.outcome).toBe("ok");
  });

  test.each(["?clients=nope,client2", "?clients=,", "?clients=", "?clients=%20,,", "?clients=etl"])(
    "%s names nobody and is refused, and nobody is asked",
    async (query) => {
      const answer = await server.get(`/api/dags${query}`);
      expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error: NOBODY })]);
      expect(asked).toEqual([]);
    },
  );

  test("with every client disabled a request without ?clients= is refused", async () => {
    world.instances = [instanceOf("client1", { enabled: false })];
    const answer = await server.get("/api/dags");
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error: NOBODY })]);
  });
});

describe("the aggregate envelope", () => {
  test("has the documented keys, and Airflow's bytes untouched as data", async () => {
    const text = await (await server.get("/api/dags")).text();
    expect(text).toContain('"data":{"dags": [{"dag_id": "d_client1"}],  "total_entries": 1}}');
    expect(JSON.parse(text)).toEqual({
      total_clients: 2,
      successful_clients: 2,
      failed_clients: 0,
      outcome: "ok",
      ignored_clients: [],
      results: [
        { client_id: "client1", client_name: "Production Airflow", success: true, data: expect.anything() },
        { client_id: "client3", client_name: "Development Airflow", success: true, data: expect.anything() },
      ],
    });
  });

  test("one client's failure leaves the others alone", async () => {
    const fine = world.native;
    world.native = (instance, read) =>
      instance === "client3"
        ? refuse("INSTANCE_UNREACHABLE", { instance, url: "http://x", reason: "connect ECONNREFUSED" })()
        : fine(instance, read);
    const envelope = await dags();
    expect(envelope).toMatchObject({ total_clients: 2, successful_clients: 1, failed_clients: 1, outcome: "partial" });
    expect(envelope.results[1]).toEqual({
      client_id: "client3",
      client_name: "Development Airflow",
      success: false,
      error: "Connection refused",
      status: 500,
      code: "INSTANCE_UNREACHABLE",
      detail: expect.stringContaining("cannot be reached"),
    });
  });

  const place = { instance: "client1", method: "GET", path: "/api/v1/dags" };
  test.each([
    ["AIRFLOW_REFUSED", { ...place, status: 409, reason: "Taken: already" }, "Taken: already", 409],
    ["AIRFLOW_SERVER_ERROR", { ...place, status: 503, reason: "an HTML page" }, "an HTML page", 503],
    [
      "INSTANCE_CREDENTIALS_REFUSED",
      { instance: "client1", status: 401 },
      expect.stringContaining("refused our credentials"),
      401,
    ],
    ["DAG_UNKNOWN", { instance: "client1", dag_id: "d" }, 'There is no DAG "d" on instance "client1".', 404],
    ["INSTANCE_TIMEOUT", { ...place, timeout_ms: 30_000 }, "timeout of 30000ms exceeded", 500],
  ] as const)("%s shows Airflow's own status and words", async (code, details, error, status) => {
    world.native = refuse(code, details);
    const { results } = await dags("?clients=client1");
    expect(results[0]).toMatchObject({ success: false, error, status, code });
  });

  test("strict mode tells the outcome by the HTTP status", async () => {
    const statusOf = async (query: string): Promise<number> =>
      (await server.get(`/api/dags?strict=true${query}`)).status;
    expect(await statusOf("")).toBe(200);
    const fine = world.native;
    const broken = refuse("INSTANCE_UNREACHABLE", { instance: "x", url: "y", reason: "z" });
    world.native = (instance, read) => (instance === "client3" ? broken() : fine(instance, read));
    expect(await statusOf("")).toBe(207);
    world.native = broken;
    expect(await statusOf("")).toBe(502);
    expect((await server.get("/api/dags")).status).toBe(200);
  });

  test.each(["1", "True", "", "true&strict=true"])(
    "strict=%s is refused instead of taken for lenient",
    async (value) => {
      const answer = await server.get(`/api/dags?strict=${value}&clients=client1`);
      expect([answer.status, await answer.json()]).toEqual([
        400,
        expect.objectContaining({ error: "Invalid strict. Must be true or false" }),
      ]);
    },
  );

  test("strict mode refuses an unknown id before anybody is asked", async () => {
    const answer = await server.get("/api/dags?strict=true&clients=client1,nope");
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ error: "Unknown or disabled clients: nope" }),
    ]);
    expect(asked).toEqual([]);
  });
});

describe("the routes that ask nobody", () => {
  test("/ greets in the original's words", async () => {
    const answer = await server.get("/");
    expect(await answer.text()).toBe("Welcome to the Disaster Recovery API for Airflow Instances!");
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
  });

  test("/health counts disabled clients, and lists the enabled ones", async () => {
    const body = await (await server.get("/health")).json();
    expect(body).toEqual({
      status: "healthy",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      multi_client_enabled: true,
      total_clients: 3,
      enabled_clients: 2,
      clients: [
        { client_id: "client1", client_name: "Production Airflow", airflow_url: "http://client1.example.org:8080" },
        { client_id: "client3", client_name: "Development Airflow", airflow_url: "http://client3.example.org:8080" },
      ],
    });
  });

  test("/api/clients lists every client without its credentials", async () => {
    const text = await (await server.get("/api/clients")).text();
    const body = JSON.parse(text) as { total_clients: number; clients: Record<string, unknown>[] };
    expect(body.total_clients).toBe(3);
    expect(body.clients.map(({ client_id, enabled }) => [client_id, enabled])).toEqual([
      ["client1", true],
      ["client2", false],
      ["client3", true],
    ]);
    expect(text).not.toMatch(/username|password/);
  });
});

test("errors of these routes have the original's shape, whatever went wrong", async () => {
  for (const [method, path, status] of [
    ["DELETE", "/api/dags", 405],
    ["GET", "/api/disaster-recovery/nope", 404],
    ["GET", "/api/dags/%zz", 400],
    ["POST", "/api/disaster-recovery/run/", 404],
  ] as const) {
    const answer = await server.send(method, path);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: expect.any(String), code: expect.any(String) });
  }
});

test("a caller who hangs up ends the calls that were made for it", async () => {
  const ended = Promise.withResolvers<void>();
  world.native = (_instance, _read, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        ended.resolve();
        reject(signal.reason);
      });
    });
  const leaving = new AbortController();
  const answer = fetch(`${server.url}/api/dags?clients=client1`, { signal: leaving.signal });
  setTimeout(() => leaving.abort(), 50);
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
  await ended.promise;
});

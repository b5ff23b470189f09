import type { Actor } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { issueBootstrapToken } from "../../src/access/bootstrap-token.ts";
import { createFakeControl, type FakeWorld, instanceOf } from "../support/fake-control.ts";
import { serveForTest, type TestServer } from "../support/serve.ts";

const actor = (role: Actor["role"], instances: readonly string[] = ["*"]): Actor => ({
  id: `token:${role}`,
  role,
  instances,
  sourceIp: null,
  requestId: null,
});

let server: TestServer;
let world: FakeWorld;
beforeEach(async () => {
  const fake = createFakeControl({
    tokens: new Map([
      ["aft_admin", actor("admin")],
      ["aft_viewer", actor("viewer")],
      ["aft_eu", actor("admin", ["eu-*"])],
    ]),
    instances: [instanceOf("eu-1"), instanceOf("eu-2"), instanceOf("us-1")],
  });
  world = fake.world;
  server = await serveForTest(fake.control, {
    authMode: "token",
    rateLimits: { requestsPerMinute: 40, failuresPerMinute: 5 },
  });
});
afterEach(() => server.running.close());

const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe("proving oneself", () => {
  test("without a token only the public routes answer", async () => {
    const refused = await server.get("/api/v1/instances");
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="airfleet"']);
    expect(await refused.json()).toMatchObject({ code: "TOKEN_MISSING" });
    for (const path of ["/api/dags", "/health", "/api/clients", "/metrics"])
      expect((await server.get(path)).status).toBe(401);
    for (const path of ["/healthz", "/readyz", "/version", "/openapi.json", "/"])
      expect((await server.get(path)).status).toBe(200);
  });

  test("an anonymous caller does not learn the version of Node", async () => {
    expect(await (await server.get("/version")).json()).toMatchObject({ node: null });
    expect(await (await server.get("/version", as("aft_viewer"))).json()).toMatchObject({ node: process.version });
  });

  test.each(["Basic YTpi", "Bearer", "Bearer a b", "aft_admin", `Bearer ${"x".repeat(600)}`])(
    "Authorization: %s is TOKEN_UNKNOWN",
    async (authorization) => {
      const answer = await server.get("/api/v1/instances", { authorization });
      expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: "TOKEN_UNKNOWN" })]);
    },
  );

  test("a revoked token is refused by the very next request", async () => {
    expect((await server.get("/api/v1/instances", as("aft_viewer"))).status).toBe(200);
    world.tokens.delete("aft_viewer");
    expect((await server.get("/api/v1/instances", as("aft_viewer"))).status).toBe(401);
  });

  test("proxies, hosts and origins are no business of token mode", async () => {
    const headers = { ...as("aft_viewer"), "x-forwarded-for": "203.0.113.9", via: "1.1 gate" };
    expect((await server.get("/api/v1/instances", headers)).status).toBe(200);
  });
});

describe("limits", () => {
  test("a token that asks too often is told when to come back", async () => {
    let answer = await server.get("/api/v1/instances", as("aft_viewer"));
    for (let count = 1; count <= 40; count += 1) answer = await server.get("/api/v1/instances", as("aft_viewer"));
    expect([answer.status, await answer.json()]).toEqual([429, expect.objectContaining({ code: "RATE_LIMITED" })]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await server.get("/api/v1/instances", as("aft_admin"))).status).toBe(200);
  });

  test("guessing tokens is stopped, and locks nobody out who shares the address", async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 8; count += 1)
      statuses.push((await server.get("/api/v1/instances", as(`aft_${count}`))).status);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect((await server.get("/api/v1/instances", as("aft_admin"))).status).toBe(200);
  });
});

describe("scope", () => {
  test("an instance out of scope is answered exactly as one that does not exist, and noted", async () => {
    const [outside, unknown] = await Promise.all(
      ["us-1", "zz-1"].map(async (id) => {
        const answer = await server.get(`/api/v1/instances/${id}/import-errors`, as("aft_eu"));
        return {
          status: answer.status,
          text: (await answer.text()).replaceAll(id, "ID").replaceAll(/req_[\w-]+/g, "REQ"),
        };
      }),
    );
    expect(outside).toEqual(unknown);
    expect(outside?.status).toBe(404);
    expect(outside?.text).not.toContain("us-1");
    expect(world.denied).toContain("token:admin dag:read instance us-1");
  });

  test("lists show what is in scope alone, in both APIs", async () => {
    const instances = (await (await server.get("/api/v1/instances", as("aft_eu"))).json()) as {
      items: { id: string }[];
    };
    expect(instances.items.map(({ id }) => id)).toEqual(["eu-1", "eu-2"]);
    const seed = (await (await server.get("/api/dags?clients=us-1,eu-2", as("aft_eu"))).json()) as Record<
      string,
      unknown
    >;
    expect(seed).toMatchObject({ total_clients: 1, ignored_clients: ["us-1"] });
    expect(await (await server.get("/health", as("aft_eu"))).text()).not.toContain("us-1");
    expect((await server.get("/api/v1/dags?instance=us-1", as("aft_eu"))).status).toBe(404);
  });

  test("nobody makes a token or an instance beyond their own reach", async () => {
    const make = (instances: string[]): Promise<Response> =>
      server.send("POST", "/api/v1/tokens", { name: "n", role: "viewer", instances }, as("aft_eu"));
    expect((await make(["*"])).status).toBe(403);
    expect((await make(["e*"])).status).toBe(403);
    expect((await make(["us-1"])).status).toBe(403);
    expect((await make(["eu-*", "eu-1"])).status).toBe(201);
    const instance = { id: "us-9", url: "http://us-9.example.org" };
    expect((await server.send("POST", "/api/v1/instances", instance, as("aft_eu"))).status).toBe(403);
  });

  test("a role that may not do something is told what it lacks, and the attempt is noted", async () => {
    const answer = await server.send("PATCH", "/api/v1/instances/eu-1/dags/d", { is_paused: true }, as("aft_viewer"));
    expect([answer.status, await answer.json()]).toEqual([
      403,
      expect.objectContaining({ code: "FORBIDDEN", detail: expect.stringContaining("dag:pause") }),
    ]);
    expect(world.denied).toEqual(["token:viewer dag:pause PATCH /api/v1/instances/eu-1/dags/d"]);
    expect(world.performed).toEqual([]);
  });
});

describe("the first token", () => {
  test("is made when there is none, for a day, and not a second time", async () => {
    const { control, world: fresh } = createFakeControl();
    expect(await issueBootstrapToken(control.access)).toBe("aft_plain");
    expect(fresh.created).toMatchObject([{ role: "admin", instances: ["*"], expiresInDays: 1 }]);
    expect(await issueBootstrapToken(control.access)).toBeUndefined();
  });
});

test("an expired token is TOKEN_EXPIRED", async () => {
  const { control } = createFakeControl();
  await using other = await serveForTest(
    {
      ...control,
      access: {
        ...control.access,
        authenticate: async () => {
          throw new AirfleetError("TOKEN_EXPIRED", { token: "tok_1", expired_at: "2026-01-01T00:00:00Z" });
        },
      },
    },
    { authMode: "token", host: "0.0.0.0" },
  );
  const answer = await fetch(`${other.url.replace("0.0.0.0", "127.0.0.1")}/api/v1/instances`, {
    headers: as("aft_old"),
  });
  expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: "TOKEN_EXPIRED" })]);
});

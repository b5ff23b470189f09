import { ROLE_PERMISSIONS, ROLES, ROUTES, type RouteDefinition, type RouteId } from "@airfleet/contract";
import type { Actor } from "@airfleet/control";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REPORT_PATHS } from "../../src/compat/reports/surface.ts";
import { SEED_ROUTES } from "../../src/compat/multi-client/surface.ts";
import { createFakeControl, type FakeWorld, instanceOf } from "../support/fake-control.ts";
import { sampleRequest } from "../support/sample-requests.ts";
import { serveForTest, type TestServer } from "../support/serve.ts";

const actor = (id: string, role: Actor["role"], instances: readonly string[]): Actor => ({
  id,
  role,
  instances,
  sourceIp: null,
  requestId: null,
});

let server: TestServer;
let world: FakeWorld;
beforeAll(async () => {
  const tokens = new Map<string, Actor>();
  for (const role of ROLES) {
    tokens.set(`aft_${role}`, actor(role, role, ["*"]));
    tokens.set(`aft_${role}_elsewhere`, actor(`${role}_elsewhere`, role, ["elsewhere-*"]));
  }
  const fake = createFakeControl({ tokens, instances: [instanceOf("client1", { source: "stored" })] });
  world = fake.world;
  server = await serveForTest(fake.control, {
    authMode: "token",
    rateLimits: { requestsPerMinute: 100_000, failuresPerMinute: 100_000 },
  });
});
afterAll(() => server.running.close());

const statusAs = async (
  token: string | undefined,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: unknown },
): Promise<number> => {
  const headers = { "if-match": '"1"', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const answer = await server.send(method, path, body, headers);
  await answer.arrayBuffer();
  return answer.status;
};

/** What the door said; behind it anything may happen. */
const doorOf = (status: number): "unknown caller" | "forbidden" | "let in" =>
  status === 401 ? "unknown caller" : status === 403 ? "forbidden" : "let in";

const mayEnter = (role: Actor["role"], { permission }: Pick<RouteDefinition, "permission">): boolean =>
  permission === "public" || ROLE_PERMISSIONS[role].has(permission);

const ids = Object.keys(ROUTES) as RouteId[];
const addressesOne = ids.filter((id) => /\{(instance|action)\}/.test(ROUTES[id].path));

describe.each(ids)("%s", (id) => {
  const route: RouteDefinition = ROUTES[id];
  const request = sampleRequest(id);

  test("an anonymous caller gets 401, except where it is public", async () => {
    const expected = route.permission === "public" ? "let in" : "unknown caller";
    expect(doorOf(await statusAs(undefined, request))).toBe(expected);
  });

  test.each(ROLES)("%s gets in when the role's table says so, else 403", async (role) => {
    const expected = mayEnter(role, route) ? "let in" : "forbidden";
    expect(doorOf(await statusAs(`aft_${role}`, request))).toBe(expected);
  });

  test("a token of other instances changes nothing here, and breaks nothing", async () => {
    const before = world.performed.length;
    const statuses = await Promise.all(ROLES.map((role) => statusAs(`aft_${role}_elsewhere`, request)));
    expect(world.performed.length).toBe(before);
    expect(Math.max(...statuses)).toBeLessThan(500);
  });
});

test.each(addressesOne)(
  "%s of an instance out of scope is 404, or 403 where the role may not ask at all",
  async (id) => {
    const statuses = await Promise.all(ROLES.map((role) => statusAs(`aft_${role}_elsewhere`, sampleRequest(id))));
    expect(statuses).toEqual(ROLES.map((role) => (mayEnter(role, ROUTES[id]) ? 404 : 403)));
  },
);

test("what nobody needs a token for is only this", () => {
  const routes: readonly RouteDefinition[] = Object.values(ROUTES);
  const open = routes.filter(({ permission }) => permission === "public");
  expect(open.map(({ id, proof }) => `${id} ${proof ?? "open"}`)).toEqual([
    "sendReports signature",
    "callPipelineWebhook signature",
    "getSession open",
    "createSession open",
    "deleteSession open",
    "getVersion open",
    "getHealth open",
    "getReadiness open",
  ]);
});

/** Whose senders prove themselves by what they have signed, and know no API token. */
const reportPaths = REPORT_PATHS.map((path) => path.replace(":instance", "client1").replace("*", "v1/status"));

test.each(["/api/v1/reports", ...reportPaths])("%s lets in whoever asks, up to the signature", async (path) => {
  const request = { method: "POST", path, body: { payload: {} } };
  for (const token of [undefined, "aft_viewer", "aft_nobody", "eyJhbGciOiJub25lIn0.e30."]) {
    expect(await statusAs(token, request)).toBe(path === "/api/v1/reports" ? 202 : 200);
  }
  expect(await statusAs("aft_nobody", { method: "GET", path, body: undefined })).not.toBe(200);
});

const seedPath = (path: string): string => path.replaceAll(/:[a-z_]+/g, "x");

describe.each(SEED_ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
  "seed route %s",
  (_name, route) => {
    const body = route.method === "GET" ? undefined : route.method === "PATCH" ? { new_state: "success" } : {};
    const request = { method: route.method, path: seedPath(route.path), body };

    test("declares who may call it, and holds to it", async () => {
      expect(await statusAs(undefined, request)).toBe(route.permission === "public" ? 200 : 401);
      const statuses = await Promise.all(ROLES.map((role) => statusAs(`aft_${role}`, request)));
      expect(statuses).toEqual(ROLES.map((role) => (mayEnter(role, route) ? 200 : 403)));
    });

    test("a token of other instances reaches no client", async () => {
      const before = world.performed.length;
      const status = await statusAs("aft_admin_elsewhere", request);
      expect(status).toBe(route.kind === "own" ? 200 : 400);
      expect(world.performed.length).toBe(before);
    });
  },
);

test("the seed has its 18 routes", () => {
  expect(SEED_ROUTES).toHaveLength(18);
  expect(new Set(SEED_ROUTES.map(({ method, path }) => `${method} ${path}`)).size).toBe(18);
});

import { COMMON_ERRORS, ROUTES, type RouteDefinition, type RouteId } from "@airfleet/contract";
import { ERROR_CATALOGUE, toDagId, toInstanceId, toRunId, toTaskId } from "@airfleet/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BOUND_ROUTES } from "../src/routes/bound-routes.ts";
import { createFakeControl, instanceOf } from "./support/fake-control.ts";
import { fleetDag, graphNode, logLines, orders, probe, run, taskInstance } from "./support/samples.ts";
import { sampleRequest } from "./support/sample-requests.ts";
import { serveForTest, type TestServer } from "./support/serve.ts";

const ids = Object.keys(ROUTES) as RouteId[];
const routeOf = (id: RouteId): RouteDefinition => ROUTES[id];

test.each(ids)("%s is bound to its own route of the contract", (id) => {
  expect(BOUND_ROUTES[id].route).toBe(ROUTES[id]);
  expect(routeOf(id).id).toBe(id);
});

/** Media type, and how many JSON texts the answer holds. */
const dataOf = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line, index) =>
    line.startsWith("data: ") && !(lines[index - 1] ?? "").startsWith("event: ") ? [line.slice(6)] : [],
  );

const expectedOf = (route: RouteDefinition): { readonly type: string | null; readonly count: number } => {
  if (route.status === 204) return { type: null, count: 0 };
  if (route.produces === "text/event-stream") return { type: "text/event-stream; charset=utf-8", count: 1 };
  if (route.produces === "application/x-ndjson") return { type: "application/x-ndjson; charset=utf-8", count: 3 };
  return { type: "application/json; charset=utf-8", count: 1 };
};

describe("with something to show", () => {
  let server: TestServer;
  const client1 = instanceOf("client1", { source: "stored" });
  beforeAll(async () => {
    const { control, world } = createFakeControl({ instances: [client1] });
    world.tokens.set("aft_viewer", {
      id: "token:viewer",
      role: "viewer",
      instances: ["*"],
      sourceIp: null,
      requestId: null,
    });
    world.created.push({
      id: "tok_1",
      name: "a",
      role: "viewer",
      instances: ["*"],
      createdAt: 1,
      expiresAt: 2,
      lastUsedAt: null,
      revokedAt: null,
    });
    world.act = () => ({
      before: { is_paused: false },
      after: { is_paused: true },
      warnings: [{ code: "DAG_PAUSED", message: "m" }],
    });
    server = await serveForTest({
      ...control,
      instances: { ...control.instances, probe: async () => ({ instance: client1, probe }) },
      fleet: {
        listDags: async () => ({ items: [fleetDag], next: "c2", instances: fleetDag.instances }),
        getDag: async () => fleetDag,
      },
      live: {
        ...control.live,
        dag: async () => ({
          ...orders,
          docMd: null,
          timezone: "UTC",
          catchup: false,
          startDate: null,
          endDate: null,
          params: { a: 1 },
          versionNumber: 3,
        }),
        graph: async () => [graphNode],
        versions: async () => [{ number: 1, bundle: "dags", bundleVersion: null, createdAt: "2026-11-20T03:00:00Z" }],
        importErrors: async () => [{ id: "1", file: "a.py", bundle: null, stackTrace: "boom", at: null }],
        runs: async () => ({ items: [run], next: "n", total: 2 }),
        run: async () => run,
        tasks: async () => [taskInstance],
        tries: async () => [taskInstance],
        log: () => logLines(),
        config: async () => [{ kind: "pool", key: "p", description: null, valueHash: null, facts: { slots: 3 } }],
        engineEvents: async () => [
          {
            id: "1",
            at: "2026-11-20T03:00:00Z",
            event: "trigger",
            owner: null,
            dagId: null,
            runId: null,
            taskId: null,
          },
        ],
      },
      logs: {
        ...control.logs,
        open: async () => ({ source: "archive", archivedAt: 1_700_000_000_000, tryNumber: 1, lines: logLines() }),
      },
      actions: {
        ...control.actions,
        list: async () => ({ items: [await control.actions.get("act_1")], next: null, total: 1 }),
      },
      audit: {
        ...control.audit,
        list: async () => ({
          items: [
            {
              seq: 1,
              at: 1,
              actor: "local",
              verb: "dag:pause",
              outcome: "done",
              instance: toInstanceId("client1"),
              dagId: toDagId("d"),
              runId: toRunId("r"),
              taskId: toTaskId("t"),
              actionId: "act_1",
              details: {},
              sourceIp: null,
              requestId: null,
              hash: "x",
            },
          ],
          next: null,
          total: null,
        }),
      },
    });
  });
  afterAll(() => server.running.close());

  test.each(ids)("%s answers its success status and a body that fits its schema", async (id) => {
    const route = routeOf(id);
    const { method, path, body } = sampleRequest(id);
    const answer = await server.send(method, path, body, { "if-match": '"1"' });
    expect(answer.status).toBe(route.status ?? 200);
    const { type, count } = expectedOf(route);
    expect(answer.headers.get("content-type")).toBe(type);
    const lines = (await answer.text()).split("\n").filter((text) => text !== "");
    // Of a stream of events what follows `data:`; those with a name of their own are about the stream.
    const bodies = route.produces === "text/event-stream" ? dataOf(lines) : lines;
    expect(bodies).toHaveLength(count);
    for (const text of bodies) expect(route.response.safeParse(JSON.parse(text)).error).toBeUndefined();
  });

  test("a list with another page links to it, keeping the filters", async () => {
    const answer = await server.get("/api/v1/dags?paused=true&limit=5");
    expect(answer.headers.get("link")).toBe('</api/v1/dags?paused=true&limit=5&cursor=c2>; rel="next"');
  });
});

describe("with nothing there", () => {
  test("every route answers a status that the contract declares", async () => {
    const { control } = createFakeControl({ instances: [] });
    await using server = await serveForTest(control);
    for (const id of ids) {
      const route = routeOf(id);
      const { method, path, body } = sampleRequest(id);
      const answer = await server.send(method, path, body);
      const declared = [...route.errors, ...COMMON_ERRORS].map((code) => ERROR_CATALOGUE[code].status);
      expect([route.status ?? 200, ...declared], `${method} ${path}`).toContain(answer.status);
      expect(answer.status, `${method} ${path}`).toBeLessThan(500);
    }
  });
});

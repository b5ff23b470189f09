import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFakeControl, type FakeWorld } from "../support/fake-control.ts";
import { serveForTest, type TestServer } from "../support/serve.ts";

const ROOT = "/api/disaster-recovery";
let server: TestServer;
let world: FakeWorld;
beforeAll(async () => {
  const fake = createFakeControl();
  world = fake.world;
  server = await serveForTest(fake.control);
});
afterAll(() => server.running.close());
beforeEach(() => {
  world.performed.length = 0;
  world.act = () => ({});
  world.native = async () => '{"dags":[]}';
});

const post = async (
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Record<string, unknown>> => {
  const answer = await server.send("POST", `${ROOT}${path}`, body, headers);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
};
const refusal = async (method: string, path: string, body: unknown): Promise<unknown> => {
  const answer = await server.send(method, `${ROOT}${path}`, body);
  expect(answer.status).toBe(400);
  expect(world.performed).toEqual([]);
  return ((await answer.json()) as { error: unknown }).error;
};

describe("run and trigger", () => {
  test("one request gives its runs one id on all clients, and tells it", async () => {
    const answer = await post("/run/orders", { conf: { a: 1 } });
    const ids = world.performed.map((intent) => (intent.verb === "run:trigger" ? intent.runId : undefined));
    expect(ids).toEqual([answer.dag_run_id, answer.dag_run_id]);
    expect(answer).toMatchObject({ message: "DAG orders run operation completed", action: "run", outcome: "ok" });
    expect(world.performed[0]).toMatchObject({ conf: { a: 1 }, confirmed: true });
  });

  test("run does not read logical_date, trigger does", async () => {
    await post("/run/orders?clients=client1", { logical_date: "2026-11-20T03:00:00Z" });
    expect(world.performed[0]).not.toHaveProperty("logicalDate");
    await post("/trigger/orders?clients=client1", { logical_date: "2026-11-20T03:00:00Z" });
    expect(world.performed[1]).toMatchObject({ logicalDate: "2026-11-20T03:00:00Z", conf: {} });
  });

  test("the same Idempotency-Key stands for the same run", async () => {
    const headers = { "idempotency-key": "nightly" };
    const first = await post("/run/orders", {}, headers);
    const second = await post("/run/orders", {}, headers);
    expect(second.dag_run_id).toBe(first.dag_run_id);
    expect(
      world.performed.every((intent) => intent.verb === "run:trigger" && intent.idempotencyKey === "nightly"),
    ).toBe(true);
  });

  test("a paused DAG is said", async () => {
    const warning = { code: "DAG_PAUSED", message: "it is paused" };
    world.act = () => ({ warnings: [warning] });
    const { results } = (await post("/run/orders?clients=client1")) as { results: unknown[] };
    expect(results[0]).toMatchObject({
      success: true,
      warning: "it is paused",
      warnings: [warning],
      dag_run_id: expect.any(String),
    });
  });

  test.each([undefined, "", {}, { conf: null }])("a body of %j is accepted", async (body) => {
    const headers = { "content-type": "application/json" };
    const answer = await server.send("POST", `${ROOT}/run/orders`, body, headers);
    expect(answer.status).toBe(200);
    expect(world.performed[0]).toMatchObject({ conf: {} });
  });

  test("what is no body of the documented form is refused, and nothing is started", async () => {
    expect(await refusal("POST", "/run/orders", { conf: "text" })).toBe("conf must be a JSON object");
    expect(await refusal("POST", "/run/orders", [1])).toBe("The request body must be a JSON object");
    expect(await refusal("POST", "/trigger/orders", { logical_date: "yesterday" })).toMatch(
      /^logical_date must be a date/,
    );
    expect(await refusal("POST", "/run/orders", "{broken")).toMatch(/not valid JSON/);
  });
});

describe("clear and task state", () => {
  test("clear asks for the failed tasks by default, and tells what was cleared", async () => {
    world.act = () => ({ after: { dry_run: false, tasks: [{ task_id: "a", map_index: -1, state_before: "failed" }] } });
    const answer = (await post("/clear/orders/run-1?clients=client1")) as { results: unknown[] };
    expect(world.performed[0]).toMatchObject({ verb: "run:clear", runId: "run-1", onlyFailed: true, dryRun: false });
    expect(world.performed[0]).not.toHaveProperty("taskIds");
    expect(answer).toMatchObject({ message: "Tasks cleared/rerun for DAG orders, run run-1", action: "clear" });
    expect(answer.results[0]).toMatchObject({
      success: true,
      data: {
        dry_run: false,
        total_entries: 1,
        task_instances: [{ dag_id: "orders", dag_run_id: "run-1", task_id: "a" }],
      },
    });
  });

  test("clear hands on dry_run, only_failed and task_ids", async () => {
    await post("/clear/orders/run-1?clients=client1", { dry_run: true, only_failed: false, task_ids: ["a", "b"] });
    expect(world.performed[0]).toMatchObject({ dryRun: true, onlyFailed: false, taskIds: ["a", "b"] });
  });

  test("an empty or malformed task list is refused rather than taken for all", async () => {
    expect(await refusal("POST", "/clear/orders/run-1", { task_ids: [] })).toMatch(/at least one task/);
    expect(await refusal("POST", "/clear/orders/run-1", { task_ids: "a" })).toBe("task_ids must be a list of task ids");
    expect(await refusal("POST", "/clear/orders/run-1", { dry_run: "yes" })).toBe("dry_run must be true or false");
  });

  test("task state takes success, failed and skipped, and says so otherwise", async () => {
    const path = "/task-state/orders/run-1/load";
    const answer = await server.send("PATCH", `${ROOT}${path}?clients=client1`, { new_state: "skipped" });
    expect(await answer.json()).toMatchObject({
      message: "Task load state updated to skipped",
      action: "update_task_state",
    });
    expect(world.performed[0]).toMatchObject({
      verb: "task:set_state",
      state: "skipped",
      taskId: "load",
      mapIndex: -1,
      dryRun: false,
    });
    world.performed.length = 0;
    const message = "Invalid state. Must be: success, failed, or skipped";
    expect(await refusal("PATCH", path, { new_state: "running" })).toBe(message);
    expect(await refusal("PATCH", path, {})).toBe(message);
  });
});

const list = (count: number): string =>
  JSON.stringify({
    dags: Array.from({ length: count }, (_, index) => ({ dag_id: `d${index}`, is_paused: index % 2 === 0 })),
  });

describe("pause-all and unpause-all", () => {
  test("switch what stands otherwise, and list every DAG in order", async () => {
    world.native = async () => list(5);
    const answer = (await post("/pause-all?clients=client1")) as { results: { data: { results: unknown[] } }[] };
    expect(answer).toMatchObject({ message: "Bulk pause operation completed", action: "pause_all" });
    expect(world.performed.map((intent) => "dagId" in intent && intent.dagId)).toEqual(["d1", "d3"]);
    expect(answer.results[0]?.data).toMatchObject({ total_dags: 5, changed_dags: 2, failed_dags: 0 });
    expect(answer.results[0]?.data.results).toEqual(
      [0, 1, 2, 3, 4].map((index) => ({ dag_id: `d${index}`, success: true, error: null, changed: index % 2 === 1 })),
    );
  });

  test("one DAG that fails is told, and the others are switched", async () => {
    world.native = async () => list(4);
    world.act = (intent) =>
      "dagId" in intent && intent.dagId === "d0"
        ? { state: "failed", error: { code: "DAG_UNKNOWN", message: "gone" } }
        : {};
    const answer = (await post("/unpause-all?clients=client1")) as { results: { data: { results: unknown[] } }[] };
    expect(answer).toMatchObject({ message: "Bulk unpause operation completed", action: "unpause_all" });
    expect(answer.results[0]?.data.results).toMatchObject([
      { dag_id: "d0", success: false, error: "gone" },
      { dag_id: "d1", success: true },
      { dag_id: "d2", success: true, changed: true },
      { dag_id: "d3", success: true },
    ]);
  });
});

test("a write that is not done in 30 s is a failure that names its action", async () => {
  world.act = () => ({ state: "pending" });
  const { results } = (await post("/pause/orders?clients=client1")) as { results: unknown[] };
  expect(results[0]).toMatchObject({
    success: false,
    error: "timeout of 30000ms exceeded",
    status: 500,
    code: "INSTANCE_TIMEOUT",
    action_id: "act_1",
  });
});

test("offset, limit and try_number must be whole numbers in their bounds", async () => {
  for (const [query, name] of [
    ["limit=0", "limit"],
    ["limit=abc", "limit"],
    ["offset=-1", "offset"],
    ["limit=1&limit=2", "limit"],
  ] as const) {
    const answer = await server.get(`${ROOT}/runs/orders?${query}`);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ error: expect.stringContaining(`Invalid ${name}`) }),
    ]);
  }
  expect((await server.get(`${ROOT}/logs/orders/r/t?try_number=0`)).status).toBe(400);
});

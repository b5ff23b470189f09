import { describe, expect, it } from "vitest";
import { errorOf, givenEngine, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const setOf = (generation: 2 | 3) => (generation === 2 ? "v1" : "v2");
const row = (id: number) => ({
  event_log_id: id,
  when: "2026-01-01T00:00:00Z",
  event: "e",
  owner: "o",
  dag_id: null,
  run_id: null,
  task_id: null,
});
const sent = (stub: { calls: readonly { method: string; body: string }[] }, method: string): unknown[] =>
  stub.calls.filter((call) => call.method === method).map(({ body }) => JSON.parse(body) as unknown);

describe.each([2, 3] as const)("variables, connections and pools of Airflow %i", (generation) => {
  it("are listed with hashes and never with values", async () => {
    await using stub = await startAirflowStub(generation, {
      "GET /variables": {
        body: {
          variables: [
            { key: "a", value: "hush", description: null },
            { key: "b", value: "***", description: null },
          ],
          total_entries: 2,
        },
      },
      "GET /connections": {
        body: { ...(sample(setOf(generation), "connections_list").response.body as object), total_entries: 1 },
      },
      "GET /pools": {
        body: { ...(sample(setOf(generation), "pools_list").response.body as object), total_entries: 2 },
      },
    });
    await using engine = givenEngine(stub.url);
    const variables = await engine.listConfig("variable");
    expect(variables).toMatchObject([
      { key: "a", valueHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { key: "b", valueHash: null },
    ]);
    expect(JSON.stringify(variables)).not.toContain("hush");
    expect(await engine.listConfig("connection")).toMatchObject([
      { valueHash: null, facts: { conn_type: "http", host: "h.example" } },
    ]);
    const pools = await engine.listConfig("pool");
    expect(pools[0]).toMatchObject({ key: "default_pool", facts: { slots: 128, include_deferred: false } });
  });

  it("are created when they are not there", async () => {
    await using stub = await startAirflowStub(generation, {
      "POST /variables": { status: generation === 2 ? 200 : 201 },
      "POST /connections": { status: generation === 2 ? 200 : 201 },
      "POST /pools": { status: generation === 2 ? 200 : 201 },
    });
    await using engine = givenEngine(stub.url);
    expect(await engine.putConfig({ kind: "variable", key: "a/b", value: "1" })).toEqual({ created: true });
    expect(await engine.putConfig({ kind: "connection", key: "c", connType: "http" })).toEqual({ created: true });
    expect(await engine.putConfig({ kind: "pool", key: "p", slots: 3 })).toEqual({ created: true });
    expect(sent(stub, "POST")).toEqual([
      // Airflow 2 refuses a description that is null.
      { key: "a/b", value: "1", ...(generation === 3 ? { description: null } : {}) },
      { connection_id: "c", conn_type: "http", description: null, host: null, schema: null, login: null, port: null },
      { name: "p", slots: 3, description: null, include_deferred: false },
    ]);
  });

  it("are replaced when they are, keeping what nobody can read back", async () => {
    await using stub = await startAirflowStub(generation, {
      "GET /variables/a": { body: { key: "a", value: "old", description: "kept" } },
      "PATCH /variables/a": {},
      "GET /pools/p": { body: { name: "p", slots: 1, description: "kept", include_deferred: true } },
      "PATCH /pools/p": {},
      "GET /pools/default_pool": {
        body: { name: "default_pool", slots: 1, description: "d", include_deferred: false },
      },
      "PATCH /pools/default_pool": {},
    });
    await using engine = givenEngine(stub.url);
    expect(await engine.putConfig({ kind: "variable", key: "a", value: "new" })).toEqual({ created: false });
    expect(await engine.putConfig({ kind: "pool", key: "p", slots: 3 })).toEqual({ created: false });
    await engine.putConfig({ kind: "pool", key: "default_pool", slots: 9 });
    expect(sent(stub, "PATCH").slice(0, 2)).toEqual([
      { key: "a", value: "new", description: "kept" },
      { [generation === 2 ? "name" : "pool"]: "p", slots: 3, description: "kept", include_deferred: true },
    ]);
    // The default pool may not be renamed or described.
    const mask = new URL(stub.calls.at(-1)!.target, "http://h").searchParams.getAll("update_mask");
    expect(mask).toEqual(generation === 2 ? ["slots,include_deferred"] : ["slots", "include_deferred"]);
  });

  it("are replaced when somebody else creates them first", async () => {
    await using stub = await startAirflowStub(generation, {
      "GET /variables/a": [{ status: 404, body: {} }, { body: { key: "a", value: "theirs", description: null } }],
      "POST /variables": { status: 409, body: { detail: "already exists" } },
      "PATCH /variables/a": {},
    });
    await using engine = givenEngine(stub.url);
    expect(await engine.putConfig({ kind: "variable", key: "a", value: "ours" })).toEqual({ created: false });
  });

  it("are refused with the server's reason, or before they are sent where the server would crash", async () => {
    const { status, body } = sample(setOf(generation), "connection_bad_id").response;
    await using stub = await startAirflowStub(generation, { "POST /connections": { status, body } });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(engine.putConfig({ kind: "connection", key: "ok", connType: "http" }))).toMatchObject({
      code: "CONFIG_ENTRY_INVALID",
    });
    stub.calls.length = 0;
    expect(await errorOf(engine.putConfig({ kind: "connection", key: "a b", connType: "http" }))).toMatchObject({
      code: "CONFIG_ENTRY_INVALID",
    });
    expect(await errorOf(engine.putConfig({ kind: "variable", key: "k".repeat(251), value: "" }))).toMatchObject({
      code: "CONFIG_ENTRY_INVALID",
    });
    expect(stub.calls).toEqual([]);
  });
});

it("makes no pool on Airflow 2 that could never be deleted again", async () => {
  await using stub = await startAirflowStub(2);
  await using engine = givenEngine(stub.url);
  expect(await errorOf(engine.putConfig({ kind: "pool", key: "a/b", slots: 1 }))).toMatchObject({
    code: "CONFIG_ENTRY_INVALID",
  });
  expect(stub.calls).toEqual([]);
});

it.each([2, 3] as const)(
  "reads Airflow %i's audit log newest first, each row once, as many as asked",
  async (generation) => {
    await using stub = await startAirflowStub(generation, {
      // A row was written between the two pages.
      "GET /eventLogs": [
        { body: { event_logs: Array.from({ length: 100 }, (_, i) => row(500 - i)), total_entries: 300 } },
        { body: { event_logs: Array.from({ length: 50 }, (_, i) => row(401 - i)), total_entries: 301 } },
      ],
    });
    await using engine = givenEngine(stub.url);
    const events = await engine.listAuditEvents({ limit: 150, since: "2026-01-01T00:00:00Z" });
    expect(events).toHaveLength(149);
    expect(events[0]).toMatchObject({ id: "500", at: "2026-01-01T00:00:00Z" });
    expect(stub.calls[0]!.target).toContain("order_by=-event_log_id");
    expect(stub.calls[1]!.target).toContain("limit=50&offset=100");
  },
);

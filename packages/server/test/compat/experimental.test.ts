import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createFakeControl, instanceOf } from "../support/fake-control.ts";
import { serveForTest } from "../support/serve.ts";
import type { SimulatedFleet } from "../support/simulated-fleet.ts";
import { askAt, BASES, startExperimentalFleet } from "./experimental-fixture.ts";

let fleet: SimulatedFleet;
let ask: ReturnType<typeof askAt>;
beforeAll(async () => {
  fleet = await startExperimentalFleet();
  ask = askAt(fleet.airfleet.url);
});
afterAll(() => fleet[Symbol.asyncDispose]());

let count = 0;
const newRunId = (): string => `compat_${(count += 1)}`;
const DATE = "2026-11-16T11:34:15";
const ended = (base: string, date: string): Promise<void> =>
  vi.waitFor(
    async () => {
      const { body } = await ask("GET", `${base}/dags/orders/dag_runs/${encodeURIComponent(date)}`);
      expect(body).toEqual({ state: "success" });
    },
    { timeout: 20_000, interval: 100 },
  );

describe.each(Object.entries(BASES))("before %s", (_generation, base) => {
  const runs = `${base}/dags/orders/dag_runs`;

  test("a run is started with a conf as text, and answered in the original's words", async () => {
    const runId = newRunId();
    const conf = JSON.stringify({ job: { output_folder: "/your/output/folder" } });
    const answer = await ask("POST", runs, { run_id: runId, conf });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("deprecation")).toBe("true");
    const { message, execution_date: date, run_id } = answer.body as Record<string, string>;
    expect(run_id).toBe(runId);
    expect(date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(message).toBe(`Created <DagRun orders @ ${date?.replace("T", " ")}: ${runId}, externally triggered: True>`);
    const [client] = /client\d/.exec(base) ?? [];
    const kept = await fleet.send("GET", `/api/v1/instances/${client}/dags/orders/runs/${runId}`);
    expect(kept.body).toMatchObject({ conf: { job: { output_folder: "/your/output/folder" } } });
  });

  test("the same run id again is 400, with the same conf and with another, and makes no second run", async () => {
    const body = { run_id: newRunId(), conf: { a: 1 }, execution_date: "2026-11-01T00:00:00" };
    const first = await Promise.all([ask("POST", runs, body), ask("POST", runs, body)]);
    expect(first.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
    for (const again of [body, { run_id: body.run_id }, { ...body, conf: "{}" }]) {
      const answer = await ask("POST", runs, again);
      expect([answer.status, answer.body]).toEqual([
        400,
        { error: `Run id ${body.run_id} already exists for dag id orders` },
      ]);
    }
    const { body: all } = await ask("GET", runs);
    expect((all as { run_id: string }[]).filter(({ run_id }) => run_id === body.run_id)).toHaveLength(1);
  });

  test("a run without an id is called after its second, and there is one in it", async () => {
    const first = await ask("POST", runs, { execution_date: "2026-10-01T10:00:00.123456", replace_microseconds: true });
    expect(first.body).toMatchObject({
      run_id: "manual__2026-10-01T10:00:00+00:00",
      execution_date: "2026-10-01T10:00:00+00:00",
    });
    const second = await ask("POST", runs, { execution_date: "2026-10-01T10:00:00Z" });
    expect([second.status, second.body]).toEqual([
      400,
      { error: "Run id manual__2026-10-01T10:00:00+00:00 already exists for dag id orders" },
    ]);
    const precise = await ask("POST", runs, { execution_date: "2026-10-01 12:00:00.123456+02:00" });
    expect(precise.body).toMatchObject({ run_id: "manual__2026-10-01T10:00:00.123456+00:00" });
    const taken = await ask("POST", runs, { run_id: newRunId(), execution_date: "2026-10-01T10:00:00" });
    expect([taken.status, taken.body]).toEqual([
      400,
      { error: "A Dag Run already exists for dag id orders at 2026-10-01 10:00:00+00:00" },
    ]);
    const now = await ask("POST", `${base}/dags/failing/dag_runs`, "");
    expect((now.body as { run_id: string }).run_id).toMatch(/^manual__\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
  });

  test("runs with ids of their own do not clash in one second", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask("POST", runs, { run_id: newRunId() })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  test.each([
    [{ conf: "[1]" }, "Dag Run conf must be a dictionary object, other types are not supported"],
    [{ conf: [1] }, "Dag Run conf must be a dictionary object, other types are not supported"],
    [{ conf: 7 }, "Dag Run conf must be a dictionary object, other types are not supported"],
    [{ conf: "{broken" }, "Dag Run conf must be a dictionary object, other types are not supported"],
    [
      { execution_date: "yesterday" },
      "Given execution date, yesterday, could not be identified as a date. Example date format: 2015-11-16T14:34:15+00:00",
    ],
    [
      { execution_date: "2026-02-30" },
      "Given execution date, 2026-02-30, could not be identified as a date. Example date format: 2015-11-16T14:34:15+00:00",
    ],
    [{ run_id: 5 }, "Run id must be a string, and 5 is none"],
    ["{", "The body cannot be read as JSON"],
    ["[]", "The body must be a JSON object"],
  ])("a body %j is refused", async (body, error) => {
    const answer = await ask("POST", runs, body);
    expect([answer.status, answer.body]).toEqual([400, { error }]);
  });

  test("a body is read as JSON whatever its type is said to be", async () => {
    const runId = newRunId();
    const answer = await ask("POST", runs, JSON.stringify({ run_id: runId }), {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(answer.body).toMatchObject({ run_id: runId });
  });

  test("what is not there is 404 in the original's words", async () => {
    const missing = async (path: string, body?: unknown): Promise<unknown> => {
      const answer = await ask(body === undefined ? "GET" : "POST", `${base}${path}`, body);
      return [answer.status, answer.body];
    };
    const noDag = [404, { error: "Dag id nope not found" }];
    expect(await missing("/dags/nope/dag_runs", { run_id: "r" })).toEqual(noDag);
    for (const path of ["dag_runs", "paused", "paused/true", "code", "tasks/a", `dag_runs/${DATE}`]) {
      expect(await missing(`/dags/nope/${path}`)).toEqual(noDag);
    }
    expect(await missing("/dags/orders/tasks/nope")).toEqual([404, { error: "Task nope not found in dag orders" }]);
    expect(await missing(`/dags/orders/dag_runs/2001-01-01`)).toEqual([
      404,
      { error: "Dag Run for date 2001-01-01 00:00:00+00:00 not found in dag orders" },
    ]);
    expect(await missing("/pools/nope")).toEqual([404, { error: "Pool 'nope' doesn't exist" }]);
    expect((await ask("GET", `${base}/nothing`)).body).toEqual({ error: expect.stringContaining("/nothing") });
  });

  test("a run and its tasks are found by the execution date, every field a text", async () => {
    const runId = newRunId();
    expect((await ask("POST", runs, { run_id: runId, execution_date: DATE })).status).toBe(200);
    await ended(base, DATE);
    const task = await ask("GET", `${runs}/${DATE}/tasks/extract`);
    expect(task.body).toMatchObject({
      task_id: "extract",
      dag_id: "orders",
      run_id: runId,
      state: "success",
      execution_date: "2026-11-16 11:34:15+00:00",
      map_index: "-1",
    });
    for (const value of Object.values(task.body as object)) expect(value).toBeTypeOf("string");
    const missing = await ask("GET", `${runs}/${DATE}/tasks/nope`);
    expect([missing.status, missing.body]).toEqual([
      404,
      { error: "Task nope instance for date 2026-11-16 11:34:15+00:00 not found" },
    ]);
    const list = await ask("GET", `${runs}?state=success`);
    expect(list.body).toContainEqual(
      expect.objectContaining({ run_id: runId, state: "success", execution_date: "2026-11-16T11:34:15+00:00" }),
    );
    expect(await ask("GET", `${runs}?state=queued`)).toMatchObject({ status: 200, body: [] });
    expect(await ask("GET", `${runs}?state=odd`)).toMatchObject({ status: 400 });
  });

  test("the newest run of each DAG is listed, with its page", async () => {
    const date = "2030-01-01T00:00:00+00:00";
    expect((await ask("POST", `${base}/dags/asleep/dag_runs`, { execution_date: date })).status).toBe(200);
    const { body } = await ask("GET", `${base}/latest_runs`);
    expect((body as { items: unknown[] }).items).toContainEqual({
      dag_id: "asleep",
      execution_date: date,
      start_date: expect.any(String),
      dag_run_url: expect.stringMatching(/^http:.*manual__2030-01-01/),
    });
  });

  test("a DAG is paused and unpaused by a GET, as it always was", async () => {
    expect((await ask("GET", `${base}/dags/failing/paused/true`)).body).toEqual({ response: "ok" });
    expect((await ask("GET", `${base}/dags/failing/paused`)).body).toEqual({ is_paused: true });
    expect((await ask("GET", `${base}/dags/failing/paused/false`)).body).toEqual({ response: "ok" });
    expect((await ask("GET", `${base}/dags/failing/paused`)).body).toEqual({ is_paused: false });
  });

  test("test, version, source and tasks are answered", async () => {
    expect((await ask("GET", `${base}/test`)).body).toEqual({ status: "OK" });
    expect((await ask("GET", `${base}/info`)).body).toEqual({ version: expect.stringMatching(/^[23]\.\d+/) });
    const code = await ask("GET", `${base}/dags/orders/code`);
    expect([code.status, code.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
    expect((await ask("GET", `${base}/dags/orders/tasks/load`)).body).toMatchObject({
      task_id: "load",
      is_mapped: "False",
    });
    expect(await ask("GET", `${base}/lineage/orders/${DATE}`)).toMatchObject({
      status: 501,
      body: { error: expect.any(String) },
    });
  });

  test("a DAG's records are deleted, by the path of the server and by that of its client", async () => {
    for (const path of ["/dags/old", "/dags/retired/delete_dag"]) {
      const answer = await ask("DELETE", `${base}${path}`);
      expect(answer).toMatchObject({ status: 200, body: { message: "Removed 1 record(s)", count: 1 } });
    }
    const missing = await ask("DELETE", `${base}/dags/nope`);
    expect([missing.status, missing.body]).toEqual([404, { error: "Dag id nope not found" }]);
  });

  test("a DAG with a task that runs is not deleted", async () => {
    expect((await ask("POST", `${base}/dags/busy/dag_runs`, { run_id: newRunId() })).status).toBe(200);
    const { body } = await ask("GET", `${base}/dags/busy/dag_runs`);
    const date = (body as { execution_date: string }[])[0]?.execution_date ?? "";
    await vi.waitFor(async () => {
      const task = await ask("GET", `${base}/dags/busy/dag_runs/${date}/tasks/long`);
      expect(task.body).toMatchObject({ state: "running" });
    });
    const answer = await ask("DELETE", `${base}/dags/busy`);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: "TaskInstances still running" });
  });

  test("a pool is made, changed, deleted", async () => {
    const made = await ask("POST", `${base}/pools`, { name: "workers", slots: "3", description: "few" });
    const pool = { pool: "workers", slots: 3, description: "few", include_deferred: false };
    expect([made.status, made.body]).toEqual([200, pool]);
    await ask("POST", `${base}/pools`, { name: "workers", slots: 5, description: "more", include_deferred: true });
    const changed = { ...pool, slots: 5, description: "more", include_deferred: true };
    expect((await ask("GET", `${base}/pools/workers`)).body).toEqual(changed);
    expect((await ask("GET", `${base}/pools`)).body).toContainEqual(changed);
    expect(await ask("DELETE", `${base}/pools/workers`)).toMatchObject({ status: 200, body: changed });
    expect((await ask("GET", `${base}/pools/workers`)).status).toBe(404);
    expect(await ask("DELETE", `${base}/pools/workers`)).toMatchObject({
      status: 404,
      body: { error: "Pool 'workers' doesn't exist" },
    });
    expect(await ask("DELETE", `${base}/pools/default_pool`)).toMatchObject({
      status: 400,
      body: { error: "default_pool cannot be deleted" },
    });
    for (const [body, error] of [
      [{ slots: 1, description: "" }, "Pool name shouldn't be empty"],
      [{ name: "x", slots: "many", description: "" }, "Bad value for `slots`: many"],
    ] as const) {
      expect(await ask("POST", `${base}/pools`, body)).toMatchObject({ status: 400, body: { error } });
    }
  });
});

describe("which instance is meant", () => {
  test("the root speaks of the default one, and a user name may name another", async () => {
    expect((await ask("GET", "/api/experimental/info")).body).toEqual({ version: expect.stringMatching(/^2\./) });
    const authorization = `Basic ${Buffer.from("instance=client3:").toString("base64")}`;
    expect((await ask("GET", "/api/experimental/info", undefined, { authorization })).body).toEqual({
      version: expect.stringMatching(/^3\./),
    });
  });

  test("without a default that is there, the base paths are named", async () => {
    const { control } = createFakeControl({ instances: [instanceOf("eu-1"), instanceOf("us 1")] });
    await using several = await serveForTest(control);
    const error = async (path: string) => (await askAt(several.url)("GET", path)).body;
    expect(await error("/api/experimental/test")).toEqual({
      error: expect.stringContaining("/experimental/eu-1, /experimental/us%201"),
    });
    expect(await error("/experimental/nowhere/api/experimental/test")).toEqual({
      error: expect.stringContaining('no enabled Airflow instance "nowhere"'),
    });
    expect(await error("/experimental/eu-1/api/experimental/test")).toEqual({ status: "OK" });
    await using wrong = await serveForTest(control, { experimentalInstance: "gone" });
    expect((await askAt(wrong.url)("GET", "/api/experimental/test")).status).toBe(404);
  });

  test("the only Airflow is the default one", async () => {
    const { control } = createFakeControl({ instances: [instanceOf("eu-1"), instanceOf("off", { enabled: false })] });
    await using server = await serveForTest(control);
    expect((await askAt(server.url)("GET", "/api/experimental/test")).body).toEqual({ status: "OK" });
  });
});

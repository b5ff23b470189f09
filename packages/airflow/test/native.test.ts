import { toDagId, toRunId, toTaskId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { addV1Names } from "../src/native/add-v1-names.ts";
import { isWholePage } from "../src/native/whole-page.ts";
import { type AirflowStub, errorOf, givenEngine, reply, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const send =
  (body: string, headers: Record<string, string> = {}) =>
  (_seen: unknown, response: Parameters<typeof reply>[0]) =>
    reply(response, 200, body, { "content-type": "application/json", ...headers });

/** A list as Airflow 2 prints it: indented, keys sorted, a line break at the end. */
const page = (rows: readonly object[], total: number, key = "dags"): string =>
  `${JSON.stringify({ [key]: rows, total_entries: total }, null, 2)}\n`;

const readDags = async (stub: AirflowStub, read: { limit?: number; offset?: number } = {}): Promise<string> => {
  await using engine = givenEngine(stub.url);
  return text((await engine.readNative!({ kind: "dags", ...read })).json);
};

describe("a native read of Airflow 2", () => {
  it("is the very bytes when one page holds everything", async () => {
    const body = page([{ dag_id: "a", odd: 1.0, big: "x" }], 1).replace('"odd": 1', '"odd": 1.0e0');
    await using stub = await startAirflowStub(2, { "GET /dags": send(body) });
    expect(await readDags(stub)).toBe(body);
    expect(stub.calls).toHaveLength(1);
  });

  it("is the joined pages when there are more", async () => {
    const rows = Array.from({ length: 230 }, (_, index) => ({ dag_id: `d${index}` }));
    await using stub = await startAirflowStub(2);
    stub.route("GET /dags", (seen, response) => {
      const query = new URL(seen.target, "http://h").searchParams;
      const offset = Number(query.get("offset"));
      send(page(rows.slice(offset, offset + Math.min(100, Number(query.get("limit")))), rows.length))(seen, response);
    });
    expect(JSON.parse(await readDags(stub))).toEqual({ dags: rows, total_entries: 230 });
    expect(stub.calls).toHaveLength(3);
  });

  it("is one page when one was asked for", async () => {
    const body = page([{ dag_id: "a" }], 500);
    await using stub = await startAirflowStub(2, { "GET /dags": send(body) });
    expect(await readDags(stub, { limit: 1, offset: 7 })).toBe(body);
    expect(stub.calls[0]!.target).toContain("limit=1&offset=7");
  });

  it.each([
    ["cut short", page([{ dag_id: "a" }], 1).slice(0, -8)],
    ["HTML under the wrong type", "<html><title>no</title></html>"],
    ["nothing", ""],
  ])("is refused when it is %s", async (_name, body) => {
    await using stub = await startAirflowStub(2, { "GET /dags": send(body) });
    expect(await errorOf(readDags(stub))).toMatchObject({ code: "AIRFLOW_ANSWER_INVALID" });
  });

  it("never takes a page for the whole by a total inside a row", () => {
    const body = Buffer.from('{"dags":[{"description":"\\"total_entries\\": 1"}]}');
    expect(isWholePage(body, { rows: 100, isOnlyPage: false })).toBe(false);
    expect(isWholePage(Buffer.from('{"dags":[],"total_entries":101}'), { rows: 100, isOnlyPage: false })).toBe(false);
    expect(isWholePage(Buffer.from(' {"dags":[],"total_entries" : 100}\n'), { rows: 100, isOnlyPage: false })).toBe(
      true,
    );
    expect(
      isWholePage(Buffer.from('{"dags":[],"total_entries":100}}'.slice(0, -2)), { rows: 100, isOnlyPage: false }),
    ).toBe(false);
  });

  it("of a run's tasks asks for all at once, since they come in no order", async () => {
    await using stub = await startAirflowStub(2, {
      "GET /dags/d/dagRuns/r/taskInstances": send(page([], 0, "task_instances")),
    });
    await using engine = givenEngine(stub.url);
    await engine.readNative!({ kind: "tasks", run: { dagId: toDagId("d"), runId: toRunId("r") } });
    expect(stub.calls[0]!.target).toContain("limit=10000");
  });
});

describe("a native read of Airflow 3", () => {
  it.each([
    [null, null],
    ["@daily", { __type: "CronExpression", value: "@daily" }],
    ["Asset", { __type: "CronExpression", value: "Asset" }],
    ["0:05:00", { __type: "TimeDelta", days: 0, seconds: 300, microseconds: 0 }],
    ["1 day, 0:30:00.000250", { __type: "TimeDelta", days: 1, seconds: 1_800, microseconds: 250 }],
    ["14 days, 0:00:00", { __type: "TimeDelta", days: 14, seconds: 0, microseconds: 0 }],
  ])("writes the schedule %j as Airflow 2 did", (timetable_summary, schedule_interval) => {
    expect(addV1Names({ dag_id: "d", is_stale: false, timetable_summary })).toMatchObject({ schedule_interval });
  });

  it("has the names of Airflow 2 beside its own", async () => {
    const [dag, run, task] = ["dag_get", "dagrun_get_success", "ti_get"].map(
      (name) => sample("v2", name).response.body as Record<string, unknown>,
    );
    await using stub = await startAirflowStub(3, {
      "GET /dags/d": { body: { ...dag, timetable_summary: "*/5 * * * *" } },
      "GET /dags/d/dagRuns/r": { body: run },
      "GET /dags/d/dagRuns/r/taskInstances": { body: { task_instances: [task], total_entries: 1 } },
    });
    await using engine = givenEngine(stub.url);
    const address = { dagId: toDagId("d"), runId: toRunId("r") };
    const read = async (what: Parameters<NonNullable<typeof engine.readNative>>[0]): Promise<unknown> =>
      JSON.parse(text((await engine.readNative!(what)).json));
    expect(await read({ kind: "dag", dagId: address.dagId })).toMatchObject({
      ...dag,
      timetable_summary: "*/5 * * * *",
      is_active: true,
      schedule_interval: { __type: "CronExpression", value: "*/5 * * * *" },
      next_dagrun: dag!["next_dagrun_logical_date"],
      next_dagrun_create_after: dag!["next_dagrun_run_after"],
      root_dag_id: null,
      is_subdag: false,
    });
    expect(await read({ kind: "run", run: address })).toMatchObject({
      ...run,
      external_trigger: run!["run_type"] === "manual",
      execution_date: run!["logical_date"] ?? run!["run_after"],
    });
    expect(await read({ kind: "tasks", run: address })).toMatchObject({
      task_instances: [{ ...task, execution_date: expect.any(String) }],
      total_entries: 1,
    });
  });

  it("joins the pages of a list and keeps its total", async () => {
    const row = sample("v2", "dag_get").response.body as object;
    await using stub = await startAirflowStub(3);
    stub.route("GET /dags", (seen, response) => {
      const offset = Number(new URL(seen.target, "http://h").searchParams.get("offset"));
      reply(response, 200, {
        dags: Array.from({ length: Math.min(100, 150 - offset) }, () => row),
        total_entries: 150,
      });
    });
    const body = JSON.parse(await readDags(stub)) as { dags: object[]; total_entries: number };
    expect([body.dags.length, body.total_entries]).toEqual([150, 150]);
    expect(stub.calls[0]!.target).toContain("exclude_stale=false");
  });
});

it.each([2, 3] as const)("a native log of Airflow %i is one readable text with its token", async (generation) => {
  const set = generation === 2 ? "v1" : "v2";
  const place = "GET /dags/d/dagRuns/r/taskInstances/t/logs/2";
  await using stub = await startAirflowStub(generation, { [place]: { body: sample(set, "logs_json").response.body } });
  await using engine = givenEngine(stub.url);
  const task = { dagId: toDagId("d"), runId: toRunId("r"), taskId: toTaskId("t"), mapIndex: -1 };
  const log = JSON.parse(text((await engine.readNative!({ kind: "log", task, tryNumber: 2 })).json)) as {
    content: string;
    continuation_token: string | null;
  };
  expect(Object.keys(log).sort()).toEqual(["content", "continuation_token"]);
  expect(log.content.split("\n").length).toBeGreaterThan(5);
  expect(log.content).not.toMatch(/^\[\(|\\n|\[object/);
  expect(log.content).toContain("INFO - ");
  expect(stub.calls[0]!.headers.accept).toBe("application/json");
});

it.each([2, 3] as const)("a native read of what is not there says so on Airflow %i", async (generation) => {
  await using stub = await startAirflowStub(generation);
  await using engine = givenEngine(stub.url);
  const run = { dagId: toDagId("d"), runId: toRunId("r") };
  expect(await errorOf(engine.readNative!({ kind: "dag", dagId: run.dagId }))).toMatchObject({ code: "DAG_UNKNOWN" });
  expect(await errorOf(engine.readNative!({ kind: "run", run }))).toMatchObject({ code: "RUN_UNKNOWN" });
  expect(await errorOf(engine.readNative!({ kind: "tasks", run }))).toMatchObject({ code: "RUN_UNKNOWN" });
});

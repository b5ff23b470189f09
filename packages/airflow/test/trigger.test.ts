import type { TriggerRequest } from "@airfleet/engine";
import { toDagId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { type AirflowStub, errorOf, givenEngine, type Reply, reply, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const POST = "POST /dags/t_ok/dagRuns";
const GET = "GET /dags/t_ok/dagRuns/af-1";

const request: TriggerRequest = {
  dagId: toDagId("t_ok"),
  runId: toRunId("af-1"),
  conf: { b: [1, { d: null, c: "ü" }], a: 1 },
};

const runOf = (generation: 2 | 3, changes: object = {}): object => ({
  ...(sample(generation === 2 ? "v1" : "v2", "trigger_ok").response.body as object),
  dag_run_id: "af-1",
  conf: { a: 1, b: [1, { c: "ü", d: null }] },
  ...changes,
});

const CONFLICT = { status: 409, body: sample("v2", "trigger_duplicate_run_id").response.body };
const MISSING = { status: 404, body: { title: "DAGRun not found", detail: "not found", status: 404 } };
const lost: Reply = (_seen, response) => void response.destroy();

const posts = (stub: AirflowStub): unknown[] =>
  stub.calls.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body) as unknown);

describe.each([2, 3] as const)("a trigger on Airflow %i", (generation) => {
  const existing = { body: runOf(generation) };

  it("sends every option explicitly and answers the run that was made", async () => {
    await using stub = await startAirflowStub(generation, { [POST]: { body: runOf(generation) } });
    await using engine = givenEngine(stub.url);
    expect(await engine.trigger(request)).toMatchObject({ created: true, run: { runId: "af-1", state: "queued" } });
    await engine.trigger({
      ...request,
      logicalDate: "2026-01-01T00:00:00.000001Z",
      interval: { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" },
      note: "n",
    });
    const date = generation === 2 ? {} : { logical_date: null };
    expect(posts(stub)).toEqual([
      { dag_run_id: "af-1", conf: request.conf, ...date },
      {
        dag_run_id: "af-1",
        conf: request.conf,
        logical_date: "2026-01-01T00:00:00.000001Z",
        data_interval_start: "2026-01-01T00:00:00Z",
        data_interval_end: "2026-01-02T00:00:00Z",
        note: "n",
      },
    ]);
  });

  it("answers the run that an earlier trigger made, whatever the order of its conf's keys", async () => {
    await using stub = await startAirflowStub(generation, { [POST]: CONFLICT, [GET]: existing });
    await using engine = givenEngine(stub.url);
    expect(await engine.trigger(request)).toMatchObject({ created: false, run: { runId: "af-1" } });
    expect(posts(stub)).toHaveLength(1);
  });

  it.each([
    ["another conf", { conf: { a: 2 } }, {}],
    [
      "another date",
      { logical_date: "2026-01-01T00:00:00.000002+00:00" },
      { logicalDate: "2026-01-01T00:00:00.000001Z" },
    ],
  ])("says RUN_ID_TAKEN when the run under this id has %s", async (_name, changes, asked) => {
    await using stub = await startAirflowStub(generation, {
      [POST]: CONFLICT,
      [GET]: { body: runOf(generation, changes) },
    });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(engine.trigger({ ...request, ...asked }))).toMatchObject({ code: "RUN_ID_TAKEN" });
  });

  it("recognises its run by the same date written otherwise", async () => {
    const body = runOf(generation, { logical_date: "2026-01-01T01:00:00+01:00" });
    await using stub = await startAirflowStub(generation, { [POST]: CONFLICT, [GET]: { body } });
    await using engine = givenEngine(stub.url);
    expect(await engine.trigger({ ...request, logicalDate: "2026-01-01T00:00:00.000000Z" })).toMatchObject({
      created: false,
    });
  });

  it("says LOGICAL_DATE_TAKEN when the id is free and the server says 409 all the same", async () => {
    await using stub = await startAirflowStub(generation, { [POST]: CONFLICT, [GET]: MISSING });
    await using engine = givenEngine(stub.url);
    const error = await errorOf(engine.trigger({ ...request, logicalDate: "2026-01-01T00:00:00Z" }));
    expect(error).toMatchObject({ code: "LOGICAL_DATE_TAKEN", details: { logical_date: "2026-01-01T00:00:00Z" } });
  });

  it.each([
    ["a reset", lost],
    ["502", { status: 502 }],
    ["504", { status: 504 }],
    ["an HTML 500", { status: 500, body: "<html><h1>Ooops!</h1></html>" }],
  ] as [string, Reply][])(
    "looks the run up after %s, and does not POST again when it is there",
    async (_name, failure) => {
      await using stub = await startAirflowStub(generation, { [POST]: failure, [GET]: existing });
      await using engine = givenEngine(stub.url);
      expect(await engine.trigger(request)).toMatchObject({ created: false, run: { runId: "af-1" } });
      expect(posts(stub)).toHaveLength(1);
    },
  );

  it.each([
    ["a reset", lost],
    ["503", { status: 503 }],
  ] as [string, Reply][])(
    "POSTs once more under the same id after %s when the run is not there",
    async (_name, failure) => {
      await using stub = await startAirflowStub(generation, {
        [POST]: [failure, { body: runOf(generation) }],
        [GET]: MISSING,
      });
      await using engine = givenEngine(stub.url);
      expect(await engine.trigger(request)).toMatchObject({ created: true });
      const sent = posts(stub);
      expect(sent).toHaveLength(2);
      expect(sent[0]).toEqual(sent[1]);
      expect(stub.calls.map(({ method }) => method)).toEqual(["POST", "GET", "POST"]);
    },
  );

  it("never POSTs three times", async () => {
    await using stub = await startAirflowStub(generation, { [POST]: lost, [GET]: MISSING });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(engine.trigger(request))).toMatchObject({ code: "INSTANCE_UNREACHABLE" });
    expect(posts(stub)).toHaveLength(2);
  });

  it("does not POST again after a plain 500, nor when the look-up fails as well", async () => {
    await using stub = await startAirflowStub(generation, { [POST]: { status: 500 }, [GET]: MISSING });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(engine.trigger(request))).toMatchObject({ code: "AIRFLOW_SERVER_ERROR" });
    expect(posts(stub)).toHaveLength(1);
  });

  it("keeps part of its time for the look-up when the POST hangs", async () => {
    await using stub = await startAirflowStub(generation, { [POST]: () => undefined, [GET]: existing });
    await using engine = givenEngine(stub.url);
    await engine.capabilities();
    expect(await engine.trigger(request, { timeoutMs: 800 })).toMatchObject({ created: false });
    stub.route(GET, MISSING);
    const startedAt = performance.now();
    expect(await errorOf(engine.trigger(request, { timeoutMs: 400 }))).toMatchObject({ code: "INSTANCE_TIMEOUT" });
    expect(performance.now() - startedAt).toBeLessThan(450);
    expect(posts(stub)).toHaveLength(2);
  });

  it("believes no answer that names another run", async () => {
    await using stub = await startAirflowStub(generation, {
      [POST]: { body: runOf(generation, { dag_run_id: "other" }) },
      [GET]: MISSING,
    });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(engine.trigger(request))).toMatchObject({ code: "AIRFLOW_ANSWER_INVALID" });
  });

  it.each([
    "sl/ash",
    "a b",
    "ünï",
    "..",
    "a..b",
    "",
    "x".repeat(251),
    "scheduled__x",
    "backfill__x",
    "asset_triggered__x",
    "dataset_triggered__x",
  ])("refuses the run id %j before anything is sent", async (runId) => {
    await using stub = await startAirflowStub(generation);
    await using engine = givenEngine(stub.url);
    expect(await errorOf(engine.trigger({ ...request, runId: toRunId(runId) }))).toMatchObject({
      code: "RUN_ID_INVALID",
    });
    expect(stub.calls).toEqual([]);
  });

  it.each(["2026-01-01", "2026-01-01T00:00:00", "yesterday", "2026-13-01T00:00:00Z"])(
    "refuses the date %j before anything is sent",
    async (value) => {
      await using stub = await startAirflowStub(generation);
      await using engine = givenEngine(stub.url);
      expect(await errorOf(engine.trigger({ ...request, logicalDate: value }))).toMatchObject({
        code: "LOGICAL_DATE_INVALID",
      });
      expect(stub.calls).toEqual([]);
    },
  );

  it.each([
    ["trigger_bad_params", "CONF_INVALID"],
    ["trigger_conf_not_object", "CONF_INVALID"],
    ["trigger_bad_date", "LOGICAL_DATE_INVALID"],
    ["trigger_scheduled_prefix", "RUN_ID_INVALID"],
    ["trigger_unknown_body_key", "AIRFLOW_REFUSED"],
    ["trigger_unknown_dag", "DAG_UNKNOWN"],
    ["trigger_broken_never_parsed", "DAG_UNKNOWN"],
    ["trigger_removed_dag", "DAG_UNKNOWN"],
    ["trigger_import_error", "DAG_BROKEN"],
  ])("knows the recorded refusal %s", async (name, code) => {
    const set = generation === 2 ? "v1" : "v2";
    const { status, body } = sample(set, name).response;
    await using stub = await startAirflowStub(generation, { [POST]: { status, body } });
    if (code === "DAG_BROKEN")
      stub.route("GET /dags/t_ok", { body: sample(set, "dag_get_import_error").response.body });
    if (name === "trigger_removed_dag")
      stub.route("GET /dags/t_ok", {
        body: { ...(sample(set, "dag_get").response.body as object), is_active: false, is_stale: true },
      });
    stub.route("GET /importErrors", { body: sample(set, "import_errors_list").response.body });
    await using engine = givenEngine(stub.url);
    const error = await errorOf(engine.trigger(request));
    expect(error).toMatchObject({ code });
    // The reason comes from the list of import errors.
    expect(error.message.includes("RuntimeError: broken now")).toBe(code === "DAG_BROKEN");
    expect(posts(stub)).toHaveLength(1);
  });
});

it("names a later start to Airflow 3, and says that Airflow 2 cannot", async () => {
  const runAfter = "2027-01-01T00:00:00Z";
  await using three = await startAirflowStub(3, { [POST]: { body: runOf(3) } });
  await using engine = givenEngine(three.url);
  await engine.trigger({ ...request, runAfter });
  expect(posts(three)).toEqual([expect.objectContaining({ run_after: runAfter, logical_date: null })]);
  await using two = await startAirflowStub(2);
  await using older = givenEngine(two.url);
  expect(await errorOf(older.trigger({ ...request, runAfter }))).toMatchObject({ code: "CAPABILITY_MISSING" });
  expect(two.calls).toEqual([]);
});

it("makes one run out of a hundred triggers under one id whose answers get lost at random", async () => {
  const runs = new Map<string, object>();
  let count = 0;
  await using stub = await startAirflowStub(3);
  stub.route(POST, (seen, response) => {
    const body = JSON.parse(seen.body) as { dag_run_id: string; conf: object };
    const isTaken = runs.has(body.dag_run_id);
    if (!isTaken) runs.set(body.dag_run_id, runOf(3, { conf: body.conf }));
    count += 1;
    if (count % 3 === 0) response.destroy();
    else if (isTaken) reply(response, 409, CONFLICT.body);
    else reply(response, 200, runs.get(body.dag_run_id));
  });
  stub.route(GET, (_seen, response) =>
    runs.has("af-1") ? reply(response, 200, runs.get("af-1")) : reply(response, 404, MISSING.body),
  );
  await using engine = givenEngine(stub.url, { limits: { queue: 500 } });
  const results = await Promise.all(Array.from({ length: 100 }, () => engine.trigger(request)));
  expect(runs.size).toBe(1);
  expect(results.filter(({ created }) => created).length).toBeLessThanOrEqual(1);
});

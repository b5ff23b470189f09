import { toDagId, toRunId, toTaskId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { isHollowSuccess } from "@airfleet/engine";
import { errorOf, givenEngine, reply, type Seen, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const setOf = (generation: 2 | 3) => (generation === 2 ? "v1" : "v2");
const dagRow = (generation: 2 | 3, dagId: string): object => ({
  ...(sample(setOf(generation), "dag_get").response.body as object),
  dag_id: dagId,
});
const runRow = (generation: 2 | 3, runId: string, dagId = "d"): object => ({
  ...(sample(setOf(generation), "dagrun_get_success").response.body as object),
  dag_id: dagId,
  dag_run_id: runId,
});
const taskRow = (generation: 2 | 3, dagId: string, runId: string, taskId: string, mapIndex = -1): object => ({
  ...(sample(setOf(generation), "ti_get").response.body as object),
  dag_id: dagId,
  dag_run_id: runId,
  task_id: taskId,
  map_index: mapIndex,
});
const queryOf = ({ target }: Seen): URLSearchParams => new URL(target, "http://h").searchParams;

/** Serves a list page by page, never more than `cap` rows, as the real servers do. */
const pages =
  (key: string, rows: readonly object[], cap = 100) =>
  (seen: Seen, response: Parameters<typeof reply>[0]) => {
    const query = queryOf(seen);
    const offset = Number(query.get("offset") ?? 0);
    const limit = Math.min(cap, Number(query.get("limit") ?? 100));
    reply(response, 200, { [key]: rows.slice(offset, offset + limit), total_entries: rows.length });
  };

describe.each([2, 3] as const)("lists of Airflow %i", (generation) => {
  it("walks all DAGs past the page cap, in order, broken and removed ones included", async () => {
    const rows = Array.from({ length: 234 }, (_, index) => dagRow(generation, `d${String(index).padStart(3, "0")}`));
    await using stub = await startAirflowStub(generation, { "GET /dags": pages("dags", rows) });
    await using engine = givenEngine(stub.url);
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await engine.listDags(after === undefined ? {} : { after });
      ids.push(...page.items.map(({ dagId }) => dagId));
      expect(page.total).toBe(234);
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(ids).toHaveLength(234);
    expect(new Set(ids).size).toBe(234);
    for (const call of stub.calls) {
      const query = queryOf(call);
      expect(query.get("order_by")).toBe("dag_id");
      expect(generation === 2 ? query.get("only_active") : query.get("exclude_stale")).toBe("false");
    }
  });

  it("goes on by the rows that came when a server caps its pages further", async () => {
    const rows = Array.from({ length: 57 }, (_, index) => ({
      import_error_id: index,
      filename: "f",
      stack_trace: "",
      timestamp: null,
    }));
    await using stub = await startAirflowStub(generation, { "GET /importErrors": pages("import_errors", rows, 25) });
    await using engine = givenEngine(stub.url);
    expect(await engine.listImportErrors()).toHaveLength(57);
    expect(stub.calls).toHaveLength(3);
  });

  it("sends tags one by one and filters what a pattern's wildcard lets through", async () => {
    const rows = [dagRow(generation, "a_b"), dagRow(generation, "axb")];
    await using stub = await startAirflowStub(generation, { "GET /dags": pages("dags", rows) });
    await using engine = givenEngine(stub.url);
    const page = await engine.listDags({ tags: ["x", "y&z"], paused: true, dagIdContains: "A_b" });
    expect(page).toMatchObject({ items: [{ dagId: "a_b" }], total: null });
    expect(queryOf(stub.calls[0]!).getAll("tags")).toEqual(["x", "y&z"]);
    expect(queryOf(stub.calls[0]!).get("paused")).toBe("true");
  });

  it("lists runs newest created first, and says DAG_UNKNOWN for a DAG that is not there", async () => {
    const rows = Array.from({ length: 3 }, (_, index) => runRow(generation, `r${index}`));
    await using stub = await startAirflowStub(generation, { "GET /dags/d/dagRuns": pages("dag_runs", rows) });
    // As measured: 2.11 answers an empty list for any name, 3.3 a 404.
    stub.route(
      "GET /dags/nope/dagRuns",
      generation === 2 ? { body: { dag_runs: [], total_entries: 0 } } : { status: 404, body: {} },
    );
    await using engine = givenEngine(stub.url);
    const page = await engine.listRuns({
      dagId: toDagId("d"),
      limit: 2,
      states: ["failed", "cancelled", "lost", "running"],
    });
    expect(page.items).toHaveLength(2);
    expect(queryOf(stub.calls[0]!).get("order_by")).toBe("-id");
    expect(queryOf(stub.calls[0]!).getAll("state")).toEqual(["failed", "running"]);
    expect((await engine.listRuns({ dagId: toDagId("d"), limit: 2, after: page.next! })).items).toHaveLength(1);
    expect(await errorOf(engine.listRuns({ dagId: toDagId("nope") }))).toMatchObject({ code: "DAG_UNKNOWN" });
    stub.calls.length = 0;
    expect(await engine.listRuns({ states: ["lost"] })).toEqual({ items: [], next: null, total: 0 });
    expect(stub.calls).toEqual([]);
    expect(await errorOf(engine.listRuns({ after: "made up" }))).toMatchObject({ code: "CURSOR_INVALID" });
  });

  it("reads the change feed without skipping a run that others push back meanwhile", async () => {
    // The server's order is by last change; every page read makes the oldest run change, which moves all others.
    const order = Array.from({ length: 250 }, (_, index) => `r${index}`);
    await using stub = await startAirflowStub(generation, {}, { version: generation === 2 ? "2.11.2" : "3.2.0" });
    stub.route("GET /dags/~/dagRuns", (seen, response) => {
      const query = queryOf(seen);
      expect(query.get("updated_at_gte")).toBe("2026-01-01T00:00:00Z");
      expect(query.get("order_by")).toBe("-updated_at");
      pages(
        "dag_runs",
        order.map((id) => runRow(generation, id)),
      )(seen, response);
      order.unshift(order.pop()!);
    });
    await using engine = givenEngine(stub.url);
    const seen = new Set<string>();
    const before = [...order];
    let after: string | undefined;
    let walked = 0;
    do {
      const page = await engine.listRuns({
        changedSince: "2026-01-01T00:00:00Z",
        ...(after === undefined ? {} : { after }),
      });
      for (const { runId } of page.items) seen.add(runId);
      after = page.next ?? undefined;
      walked += 1;
    } while (after !== undefined);
    // Only those that changed during the walk may be missing, and they are the newest changes of the next walk.
    const missing = before.filter((id) => !seen.has(id));
    expect(missing.every((id) => order.slice(0, walked).includes(id))).toBe(true);
    expect(walked).toBe(3);
  });

  it("reads the tasks of many runs in few calls, and only those that were asked for", async () => {
    const asked = Array.from({ length: 150 }, (_, index) => ({
      dagId: toDagId(`d${index % 3}`),
      runId: toRunId(`r${Math.floor(index / 3)}`),
    }));
    const rows = asked.flatMap(({ dagId, runId }) => [
      taskRow(generation, dagId, runId, "b", 1),
      taskRow(generation, dagId, runId, "b", 0),
      taskRow(generation, dagId, runId, "a"),
    ]);
    const strangers = [taskRow(generation, "d0", "other", "a"), taskRow(generation, "d9", "r0", "a")];
    await using stub = await startAirflowStub(generation);
    stub.route("POST /dags/~/dagRuns/~/taskInstances/list", (seen, response) => {
      const body = JSON.parse(seen.body) as {
        dag_ids: string[];
        dag_run_ids: string[];
        page_offset: number;
        page_limit: number;
      };
      type Row = { dag_id: string; dag_run_id: string };
      const found = ([...rows, ...strangers] as Row[]).filter(
        (row) => body.dag_ids.includes(row.dag_id) && body.dag_run_ids.includes(row.dag_run_id),
      );
      reply(response, 200, {
        task_instances: [...found.slice(body.page_offset, body.page_offset + body.page_limit), ...(strangers as Row[])],
        total_entries: found.length,
      });
    });
    await using engine = givenEngine(stub.url);
    const tasks = await engine.listTaskInstances({ runs: [...asked, ...asked] });
    expect(tasks).toHaveLength(450);
    expect(stub.calls.length).toBe(2);
    expect(tasks.slice(0, 3).map(({ taskId, mapIndex }) => `${taskId}${mapIndex}`)).toEqual(["a-1", "b0", "b1"]);
    expect(await engine.listTaskInstances({ runs: [] })).toEqual([]);
  });

  it("clears by task instances with every option explicit, one form on both generations", async () => {
    await using stub = await startAirflowStub(generation, {
      "POST /dags/t_fail/clearTaskInstances": { body: sample(setOf(generation), "clear_ti_dry_run").response.body },
      "GET /dags/t_fail/tasks": { body: sample(setOf(generation), "dag_tasks").response.body },
    });
    await using engine = givenEngine(stub.url);
    const run = { dagId: toDagId("t_fail"), runId: toRunId("r") };
    const result = await engine.clear({ ...run, onlyFailed: true, dryRun: true });
    expect(result.dryRun).toBe(true);
    expect(result.tasks.length).toBeGreaterThan(0);
    // Airflow 2 answers addresses only.
    const known =
      generation === 3 ? { mapIndex: -1, stateBefore: "upstream_failed" } : { mapIndex: null, stateBefore: null };
    expect(result.tasks[0]).toMatchObject(known);
    const real = await engine.clear({ ...run, taskIds: [toTaskId("a")], onlyFailed: false, dryRun: false });
    expect(real.tasks.length).toBeGreaterThan(0);
    const sent = stub.calls
      .filter(({ method }) => method === "POST")
      .map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(sent.at(-1)).toMatchObject({
      dry_run: false,
      dag_run_id: "r",
      task_ids: ["a"],
      only_failed: false,
      only_running: false,
      reset_dag_runs: true,
      include_upstream: false,
      include_downstream: false,
      include_future: false,
      include_past: false,
    });
    expect(sent.every((body) => body["dag_run_id"] === "r")).toBe(true);
    expect(sent.filter((body) => body["dry_run"] === false)).toHaveLength(1);
    // Airflow 3 is asked what the states are before; Airflow 2 would not say.
    expect(sent).toHaveLength(generation === 3 ? 3 : 2);
    expect(
      await errorOf(engine.clear({ ...run, taskIds: [toTaskId("zz")], onlyFailed: false, dryRun: false })),
    ).toMatchObject({ code: "TASK_UNKNOWN" });
    const { status, body } = sample(setOf(generation), "clear_ti_unknown_run").response;
    stub.route("POST /dags/t_fail/clearTaskInstances", { status, body });
    expect(await errorOf(engine.clear({ ...run, onlyFailed: false, dryRun: true }))).toMatchObject({
      code: "RUN_UNKNOWN",
    });
  });

  it("deletes no run that has not finished, and says RUN_ACTIVE when the server does", async () => {
    const run = { dagId: toDagId("d"), runId: toRunId("r") };
    await using stub = await startAirflowStub(generation, {
      "GET /dags/d/dagRuns/r": { body: sample(setOf(generation), "dagrun_get_queued").response.body },
      "DELETE /dags/d/dagRuns/r": { status: 409, body: { detail: "cannot be deleted in running state" } },
    });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(engine.deleteRun(run))).toMatchObject({ code: "RUN_ACTIVE" });
    expect(stub.calls.some(({ method }) => method === "DELETE")).toBe(false);
    stub.route("GET /dags/d/dagRuns/r", { body: sample(setOf(generation), "dagrun_get_failed").response.body });
    expect(await errorOf(engine.deleteRun(run))).toMatchObject({ code: "RUN_ACTIVE" });
    stub.route("DELETE /dags/d/dagRuns/r", (_seen, response) => void response.writeHead(204).end());
    await engine.deleteRun(run);
  });

  it("sets a pause flag only on the DAG that was named", async () => {
    const row = dagRow(generation, "d");
    await using stub = await startAirflowStub(generation, { "PATCH /dags/d": { body: { ...row, is_paused: true } } });
    await using engine = givenEngine(stub.url);
    await engine.setPaused(toDagId("d"), true);
    expect(queryOf(stub.calls[0]!).getAll("update_mask")).toEqual(["is_paused"]);
    expect(JSON.parse(stub.calls[0]!.body)).toEqual({ is_paused: true });
    for (const body of [
      { ...row, dag_id: "other", is_paused: true },
      { ...row, is_paused: false },
      { dags: [], total_entries: 0 },
    ]) {
      stub.route("PATCH /dags/d", { body });
      expect(await errorOf(engine.setPaused(toDagId("d"), true))).toMatchObject({ code: "AIRFLOW_ANSWER_INVALID" });
    }
  });

  it("sets a task's state, whatever the answer's body, and never all instances of a mapped task", async () => {
    const task = { dagId: toDagId("d"), runId: toRunId("r"), taskId: toTaskId("t"), mapIndex: -1 };
    const place = "/dags/d/dagRuns/r/taskInstances/t";
    await using stub = await startAirflowStub(generation, {
      [`GET ${place}`]: { body: taskRow(generation, "d", "r", "t") },
      [`PATCH ${place}`]: { body: {} },
      [`PATCH ${place}/dry_run`]: { body: {} },
    });
    await using engine = givenEngine(stub.url);
    await engine.setTaskState({ ...task, state: "failed", dryRun: false });
    await engine.setTaskState({ ...task, state: "failed", dryRun: true });
    const [acted, dry] = stub.calls.filter(({ method }) => method === "PATCH");
    const alone = { include_upstream: false, include_downstream: false, include_future: false, include_past: false };
    const isTwo = generation === 2;
    expect(JSON.parse(acted!.body)).toEqual({ new_state: "failed", ...(isTwo ? { dry_run: false } : alone) });
    expect(JSON.parse(dry!.body)).toEqual({ new_state: "failed", ...(isTwo ? { dry_run: true } : alone) });
    expect(acted!.target.endsWith("/t")).toBe(true);
    expect(dry!.target.endsWith("/dry_run")).toBe(!isTwo);
    stub.route(`GET ${place}`, { status: 404, body: sample(setOf(generation), "ti_mapped_no_index").response.body });
    stub.calls.length = 0;
    expect(await errorOf(engine.setTaskState({ ...task, state: "failed", dryRun: false }))).toMatchObject({
      code: "TASK_UNKNOWN",
    });
    expect(stub.calls.some(({ method }) => method === "PATCH")).toBe(false);
  });
});

it("walks the feed of changes by cursor where the server has them", async () => {
  await using stub = await startAirflowStub(3);
  const bodies = [
    { dag_runs: [runRow(3, "r1")], total_entries: null, next_cursor: "abc+/=" },
    { dag_runs: [runRow(3, "r2")], total_entries: null, next_cursor: null },
  ];
  stub.route(
    "GET /dags/~/dagRuns",
    bodies.map((body) => ({ body })),
  );
  await using engine = givenEngine(stub.url);
  const first = await engine.listRuns({ changedSince: "2026-01-01T00:00:00Z", limit: 1 });
  const second = await engine.listRuns({ changedSince: "2026-01-01T00:00:00Z", limit: 1, after: first.next! });
  expect([first.items[0]?.runId, second.items[0]?.runId, second.next]).toEqual(["r1", "r2", null]);
  expect(
    stub.calls.map((call) => [queryOf(call).get("cursor"), queryOf(call).get("order_by"), queryOf(call).get("offset")]),
  ).toEqual([
    ["", "updated_at", null],
    ["abc+/=", "updated_at", null],
  ]);
});

it("halves an Airflow 2 batch that does not fit one page instead of paging without an order", async () => {
  const runs = Array.from({ length: 8 }, (_, index) => ({ dagId: toDagId("d"), runId: toRunId(`r${index}`) }));
  await using stub = await startAirflowStub(2);
  stub.route("POST /dags/~/dagRuns/~/taskInstances/list", (seen, response) => {
    const { dag_run_ids } = JSON.parse(seen.body) as { dag_run_ids: string[] };
    const all = dag_run_ids.flatMap((runId) => ["a", "b", "c"].map((taskId) => taskRow(2, "d", runId, taskId)));
    // A clamp of seven rows, and another order at each look.
    reply(response, 200, {
      task_instances: all.toSorted(() => Math.random() - 0.5).slice(0, 7),
      total_entries: all.length,
    });
  });
  await using engine = givenEngine(stub.url);
  expect(await engine.listTaskInstances({ runs })).toHaveLength(24);
  expect(stub.calls.every(({ body }) => (JSON.parse(body) as { page_offset: number }).page_offset === 0)).toBe(true);
});

it("knows a success whose tasks were all removed, and believes others", () => {
  expect(isHollowSuccess([{ state: "removed" }, { state: "removed" }])).toBe(true);
  expect(isHollowSuccess([{ state: "removed" }, { state: "success" }])).toBe(false);
  expect(isHollowSuccess([])).toBe(false);
});

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { DAGS, type SimulatedFleet, startSimulatedFleet } from "../support/simulated-fleet.ts";

interface Item {
  readonly client_id: string;
  readonly success: boolean;
  readonly data: Record<string, unknown>;
  readonly [key: string]: unknown;
}
interface Envelope {
  readonly outcome: string;
  readonly results: readonly Item[];
  readonly dag_run_id?: string;
}

const ROOT = "/api/disaster-recovery";
let fleet: SimulatedFleet;
beforeAll(async () => {
  const many = Array.from({ length: 130 }, (_, index) => ({
    dagId: `many_${String(index).padStart(3, "0")}`,
    paused: index % 10 !== 0,
    tasks: [{ taskId: "a" }],
  }));
  fleet = await startSimulatedFleet({
    dags: [...DAGS, ...many],
    clients: [
      { id: "dead", url: "http://127.0.0.1:9", enabled: true },
      { id: "off", url: "http://127.0.0.1:9", enabled: false },
    ],
  });
});
afterAll(() => fleet[Symbol.asyncDispose]());

const BOTH = "clients=client1,client3";
const ask = async (method: string, path: string, body?: unknown): Promise<Envelope> => {
  const answer = await fleet.send(method, path, body);
  expect(answer.status).toBe(200);
  return answer.body as Envelope;
};
const both = async (method: string, path: string, body?: unknown): Promise<Envelope> => {
  const envelope = await ask(method, `${path}${path.includes("?") ? "&" : "?"}${BOTH}`, body);
  expect(envelope).toMatchObject({ outcome: "ok", results: [{ client_id: "client1" }, { client_id: "client3" }] });
  return envelope;
};
/** How many runs each client shows on a page. */
const runsOn = async (query: string): Promise<number[]> =>
  (await both("GET", `${ROOT}/runs/orders?${query}`)).results.map(({ data }) => (data.dag_runs as object[]).length);
const startRun = async (dagId: string, conf: object = {}): Promise<string> =>
  String((await both("POST", `${ROOT}/run/${dagId}`, { conf })).dag_run_id);
const untilEnded = (dagId: string, runId: string): Promise<string[]> =>
  vi.waitFor(
    async () => {
      const { results } = await both("GET", `${ROOT}/runs/${dagId}/${encodeURIComponent(runId)}`);
      const states = results.map(({ data }) => String(data.state));
      expect(states.every((state) => state === "success" || state === "failed")).toBe(true);
      return states;
    },
    { timeout: 20_000, interval: 100 },
  );

describe("reads", () => {
  test("every page of the DAG list is there, and Airflow 3 speaks Airflow 2's names beside its own", async () => {
    const { results } = await both("GET", "/api/dags");
    for (const { data } of results) {
      const dags = data.dags as Record<string, unknown>[];
      expect(dags).toHaveLength(133);
      expect(data.total_entries).toBe(133);
      expect(dags[0]).toHaveProperty("schedule_interval");
      expect(dags[0]).toHaveProperty("is_active", true);
    }
    expect(results).toMatchObject([
      {},
      { data: { dags: [{ is_stale: false }, {}, {}, ...Array.from({ length: 130 }, () => ({}))] } },
    ]);
  });

  test("status counts every page whole, with the documented fields", async () => {
    const answer = await fleet.send("GET", `${ROOT}/status?${BOTH}`);
    const { clients, ...frame } = answer.body as { clients: Record<string, unknown>[]; [key: string]: unknown };
    expect(frame).toMatchObject({ total_clients: 2, successful_clients: 2, failed_clients: 0 });
    expect(frame).not.toHaveProperty("results");
    for (const client of clients) {
      expect(client).toMatchObject({ success: true, status: { total_dags: 133 } });
      const status = client.status as { total_dags: number; paused_dags: number; active_dags: number; dags: object[] };
      expect(status.paused_dags + status.active_dags).toBe(status.total_dags);
      expect(status.dags.find((dag) => "dag_id" in dag && dag.dag_id === "orders")).toEqual({
        dag_id: "orders",
        is_paused: false,
        is_active: true,
        last_parsed_time: expect.any(String),
        tags: [expect.objectContaining({ name: "tier1" })],
      });
    }
  });

  test("an unreachable client fails alone, and a disabled one is skipped", async () => {
    const envelope = await ask("GET", "/api/dags?clients=dead,off,client1");
    expect(envelope).toMatchObject({ outcome: "partial", ignored_clients: ["off"] });
    expect(envelope.results[0]).toMatchObject({
      client_id: "dead",
      success: false,
      error: "Connection refused",
      status: 500,
    });
    expect(envelope.results[1]).toMatchObject({ client_id: "client1", success: true });
  });

  test("an unknown DAG is 404 on both, and an id with dots never leaves the DAGs", async () => {
    for (const [id, status] of [
      ["nope", 404],
      ["..%2Fconnections", 422],
      ["%2e%2e%2fvariables", 422],
      ["a%3Fb%23c", 404],
    ] as const) {
      const { results } = await ask("GET", `/api/dags/${id}?${BOTH}`);
      expect(results).toMatchObject([
        { success: false, status },
        { success: false, status },
      ]);
    }
    for (const airflow of [fleet.airflow2, fleet.airflow3]) {
      expect(airflow.requests.count({ path: /connections|variables/ })).toBe(0);
    }
  });

  test("limit and offset walk the runs", async () => {
    const ids = [await startRun("orders"), await startRun("orders"), await startRun("orders")];
    expect(await runsOn("limit=2")).toEqual([2, 2]);
    expect(await runsOn("limit=2&offset=2")).toEqual([ids.length - 2, ids.length - 2]);
  });
});

describe("writes", () => {
  test("pause and unpause are believed when read back, and shown in Airflow's own body", async () => {
    for (const [verb, paused] of [
      ["pause", true],
      ["unpause", false],
    ] as const) {
      const answer = await both("POST", `${ROOT}/${verb}/orders`);
      expect(answer).toMatchObject({ message: `DAG orders ${verb} operation completed`, action: verb });
      expect(answer.results.map(({ data }) => data.is_paused)).toEqual([paused, paused]);
    }
  });

  test("a run on a paused DAG is accepted, and said to wait", async () => {
    const { results } = await both("POST", `${ROOT}/run/asleep`, {});
    expect(results.map(({ data, warning }) => [data.state, typeof warning])).toEqual([
      ["queued", "string"],
      ["queued", "string"],
    ]);
  });

  test("a trigger with a taken date is refused, and no second run is made", async () => {
    const body = { logical_date: "2026-01-05T00:00:00Z", conf: { a: 1 } };
    const first = await both("POST", `${ROOT}/trigger/asleep`, body);
    expect(first.results.map(({ data }) => String(data.logical_date).slice(0, 10))).toEqual([
      "2026-01-05",
      "2026-01-05",
    ]);
    const again = await ask("POST", `${ROOT}/trigger/asleep?${BOTH}`, body);
    expect(again.results).toMatchObject([
      { success: false, status: 409, code: "LOGICAL_DATE_TAKEN" },
      { success: false, status: 409, code: "LOGICAL_DATE_TAKEN" },
    ]);
  });

  test("an answer that is lost makes no second run", async () => {
    const faults = [
      fleet.airflow2.faults.add({
        fault: { kind: "lost answer" },
        method: "POST",
        path: "/api/v1/dags/*/dagRuns",
        times: 1,
      }),
      fleet.airflow3.faults.add({
        fault: { kind: "lost answer" },
        method: "POST",
        path: "/api/v2/dags/*/dagRuns",
        times: 1,
      }),
    ];
    const runId = await startRun("failing", { fixed: true });
    expect(faults.map(({ fired }) => fired)).toEqual([1, 1]);
    const { results } = await both("GET", `${ROOT}/runs/failing?limit=100`);
    for (const { data } of results) {
      expect((data.dag_runs as { dag_run_id: string }[]).filter(({ dag_run_id }) => dag_run_id === runId)).toHaveLength(
        1,
      );
    }
  });

  test("clear runs failed tasks again on both generations, and a dry run touches nothing", async () => {
    const runId = await startRun("failing");
    expect(await untilEnded("failing", runId)).toEqual(["failed", "failed"]);
    const path = `${ROOT}/clear/failing/${encodeURIComponent(runId)}`;
    const tries = async (): Promise<string[]> =>
      (await both("GET", `${ROOT}/tasks/failing/${encodeURIComponent(runId)}`)).results.map(({ data }) =>
        (data.task_instances as { try_number: number }[]).map(({ try_number }) => try_number).join(),
      );
    const dry = await both("POST", path, { dry_run: true });
    expect(dry.results.map(({ data }) => [data.dry_run, data.total_entries])).toEqual([
      [true, 1],
      [true, 1],
    ]);
    expect(await tries()).toEqual(["1", "1"]);
    const cleared = await both("POST", path);
    expect(
      cleared.results.map(({ data }) => (data.task_instances as { task_id: string }[]).map(({ task_id }) => task_id)),
    ).toEqual([["breaks"], ["breaks"]]);
    await vi.waitFor(async () => expect(await tries()).toEqual(["2", "2"]), { timeout: 20_000, interval: 100 });
    await untilEnded("failing", runId);

    const newest = await both("GET", `${ROOT}/logs/failing/${encodeURIComponent(runId)}/breaks`);
    expect(newest.results.map(({ try_number }) => try_number)).toEqual([2, 2]);
    const oldest = await both("GET", `${ROOT}/logs/failing/${encodeURIComponent(runId)}/breaks?try_number=1`);
    expect(oldest.results.map(({ data }) => typeof data.content)).toEqual(["string", "string"]);

    const set = await fleet.send("PATCH", `${ROOT}/task-state/failing/${encodeURIComponent(runId)}/breaks?${BOTH}`, {
      new_state: "success",
    });
    expect(set.body).toMatchObject({
      outcome: "ok",
      results: [{ data: { state: "success" } }, { data: { state: "success" } }],
    });
  });

  test("pause-all switches every page's DAGs, and only those that ran", async () => {
    const { results } = await both("POST", `${ROOT}/pause-all`);
    for (const { data } of results) {
      expect(data).toMatchObject({ total_dags: 133, failed_dags: 0 });
      expect(data.changed_dags).toBe(15);
    }
    const status = (await fleet.send("GET", `${ROOT}/status?${BOTH}`)).body as { clients: { status: object }[] };
    expect(status.clients.map((client) => client.status)).toMatchObject([{ active_dags: 0 }, { active_dags: 0 }]);
  }, 60_000);
});

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type SimulatedFleet, startSimulatedFleet } from "../support/simulated-fleet.ts";

interface Trigger {
  readonly id: string;
  readonly request_id: string;
  readonly action_id: string;
  readonly instance: string;
  readonly dag_run_id: string;
  readonly state: string;
  readonly run: { readonly state: string; readonly trigger_id: string; readonly subjects_total: number } | null;
  readonly error: { readonly code: string } | null;
  readonly warnings: readonly { readonly code: string }[];
  readonly attempts?: readonly { readonly method: string; readonly status: number; readonly answer: string }[];
}
interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly request_id: string;
    readonly instances: readonly string[];
    readonly items: readonly Trigger[];
    readonly code?: string;
    readonly errors?: readonly { readonly pointer: string }[];
  };
}

let fleet: SimulatedFleet;
beforeAll(async () => {
  fleet = await startSimulatedFleet({ yaml: { triggers: { project_name: "cinco-stage" } } });
});
afterAll(() => fleet[Symbol.asyncDispose]());

const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Asked> => {
  const answer = await fetch(`${fleet.airfleet.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Asked["body"] };
};
const ask = (body: object, headers?: Record<string, string>) =>
  post("/api/v1/triggers", { instances: ["client1", "client3"], dag_id: "orders", ...body }, headers);
const get = async (path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> => {
  const { status, body } = await fleet.send("GET", path);
  return { status, body: body as Record<string, unknown> };
};
const listed = async (query: string): Promise<readonly Trigger[]> =>
  (await get(`/api/v1/triggers?${query}`)).body["items"] as readonly Trigger[];
const runsOf = ({ world }: SimulatedFleet["airflow2"]) => [...(world.dags.get("orders")?.runs.values() ?? [])];
const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const raw = (conf: string): string => `{"instances":["client1"],"dag_id":"orders","conf":${conf}}`;
const good = (n: number) => ({ instances: ["client1"], dag_id: "orders", conf: { n } });
const WAIT = { prefer: "wait=20" };

describe("asking for runs", () => {
  test("is answered at once with an address, and becomes a run on Airflow 2 and on Airflow 3", async () => {
    const { status, headers, body } = await ask({ conf: { day: "x" } });
    expect(status).toBe(202);
    expect(headers.get("location")).toBe(`/api/v1/triggers?request_id=${body.request_id}`);
    expect(body.instances).toEqual(["client1", "client3"]);
    expect(new Set(body.items.map(({ dag_run_id }) => dag_run_id)).size).toBe(1);
    await vi.waitFor(async () => {
      const items = await listed(`request_id=${body.request_id}`);
      expect(items.map(({ state }) => state)).toEqual(["accepted", "accepted"]);
    });
    for (const airflow of [fleet.airflow2, fleet.airflow3]) {
      const ids = runsOf(airflow).map(({ runId }) => runId);
      expect(ids.filter((id) => id === body.items[0].dag_run_id)).toHaveLength(1);
    }
  });

  test("waits for the end of the runs when asked to, and ties them to their subjects", async () => {
    const subjects = [{ type: "finding-aid", id: "ark:/13030/ünï", label: "Papers", url: "https://x.example/1" }];
    const { status, body } = await ask({ subjects, wait_for: "finished" }, WAIT);
    expect(status).toBe(200);
    expect(body.items.map(({ run }) => run?.state)).toEqual(["success", "success"]);
    expect(body.items.map(({ run }) => run?.subjects_total)).toEqual([1, 1]);
    expect(body.items.map(({ run }) => run?.trigger_id)).toEqual(body.items.map(({ id }) => id));
    const about = `subject_type=finding-aid&subject_id=${encodeURIComponent("ark:/13030/ünï")}`;
    expect((await listed(about)).map(({ request_id }) => request_id)).toEqual([body.request_id, body.request_id]);
  });

  test("says that it is not over yet when a run that was waited for goes on", async () => {
    // The DAG is paused, so the run is accepted and never starts.
    const waiting = await ask({ dag_id: "asleep", wait_for: "finished" }, { prefer: "wait=1", "idempotency-key": "w" });
    expect(waiting.status).toBe(202);
    expect(waiting.body.items.map(({ state }) => state)).toEqual(["accepted", "accepted"]);
    expect((await ask({ dag_id: "asleep" }, { prefer: "wait=5" })).status).toBe(200);
  });

  test("waits once for a run that two items of a batch mean", async () => {
    const item = { ...good(1), dag_run_id: "the-same" };
    const items = [item, item];
    const startedAt = Date.now();
    const { status } = await post("/api/v1/triggers/batch", { items, wait_for: "finished" }, WAIT);
    expect(status).toBe(200);
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  });

  test("keeps what was sent and the engine's whole answer", async () => {
    const conf = { api_token: "canary-token", ssn: "canary-ssn" };
    const { body } = await ask({ conf, secret_conf_keys: ["ssn"], note: "n" }, WAIT);
    for (const { id } of body.items) {
      const { body: trigger } = await get(`/api/v1/triggers/${id}`);
      const { attempts = [] } = trigger as unknown as Trigger;
      expect(attempts.map(({ method, status }) => [method, status])).toEqual([["POST", 200]]);
      expect(JSON.parse(attempts[0].answer)).toMatchObject({
        state: "queued",
        conf: { ssn: "***", api_token: "***" },
      });
      expect(JSON.stringify(trigger)).toContain("n | Triggered using Airfleet from cinco-stage");
      expect(JSON.stringify(trigger)).not.toContain("canary");
    }
  });

  test("hides what was called secret of this DAG from then on, and of no other", async () => {
    await ask({ conf: { ssn: "canary-1" }, secret_conf_keys: ["ssn"] }, WAIT);
    const same = await ask({ conf: { ssn: "canary-2" } }, WAIT);
    expect(same.status).toBe(200);
    expect(JSON.stringify(same.body)).not.toContain("canary");
    const { body: runs } = await get("/api/v1/runs?dag_id=orders");
    expect(JSON.stringify(runs)).not.toContain("canary");
    const other = await ask({ dag_id: "failing", conf: { ssn: "canary-3" } }, WAIT);
    expect(JSON.stringify(other.body)).toContain("canary-3");
  });

  test("repeats under the same key what was said, as it stands now", async () => {
    const key = { "idempotency-key": "nightly-1" };
    const first = await ask({ conf: { n: 1 } }, { ...key, ...WAIT });
    const again = await ask({ conf: { n: 1 } }, key);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again).toMatchObject({ status: 200, body: { request_id: first.body.request_id } });
    expect(again.body.items.map(({ state }) => state)).toEqual(["accepted", "accepted"]);
    expect(await ask({ conf: { n: 2 } }, key)).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_KEY_REUSED" } });
  });

  test("a hundred times at once under one key makes one run per instance", async () => {
    const before = runsOf(fleet.airflow2).length;
    const key = { "idempotency-key": "hundred" };
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask({ conf: { h: 1 } }, key)));
    const recorded = answers.filter(({ status }) => status < 300);
    expect(new Set(recorded.map(({ body }) => body.request_id)).size).toBe(1);
    expect(recorded.filter(({ headers }) => !headers.has("idempotent-replayed"))).toHaveLength(1);
    const others = answers.filter(({ status }) => status >= 300);
    for (const { status, headers, body } of others) {
      expect([status, body.code]).toEqual([409, "IDEMPOTENCY_KEY_OUTSTANDING"]);
      expect(headers.get("retry-after")).toBe("1");
    }
    await ask({ conf: { h: 1 } }, { ...key, ...WAIT });
    expect(runsOf(fleet.airflow2)).toHaveLength(before + 1);
  });

  test("goes where a selector points, and says so when that is nowhere", async () => {
    const picked = await ask({ instances: undefined, selector: "instance=client*" });
    expect(picked).toMatchObject({ status: 202, body: { instances: ["client1", "client3"] } });
    const none = await ask({ instances: undefined, selector: "instance=mars-*" });
    expect(none).toMatchObject({ status: 422, body: { code: "TRIGGER_TARGETS_NONE" } });
  });

  test("warns of a paused DAG, and unpauses it only when that is meant", async () => {
    const paused = await ask({ dag_id: "asleep" }, WAIT);
    expect(paused.body.items.map(({ warnings }) => warnings.map(({ code }) => code))).toEqual([
      ["DAG_PAUSED"],
      ["DAG_PAUSED"],
    ]);
    const woken = await ask({ dag_id: "asleep", unpause: true, wait_for: "finished" }, WAIT);
    expect(woken.body.items.map(({ run }) => run?.state)).toEqual(["success", "success"]);
  });

  test("shows its trigger on the action of every older route too", async () => {
    const started = await fleet.send("POST", "/api/v1/instances/client1/dags/orders/runs", { conf: {} });
    const { trigger_id: id } = started.body as { trigger_id: string };
    expect((await get(`/api/v1/triggers/${id}`)).body).toMatchObject({ state: "accepted", instance: "client1" });
  });
});

describe("bad input", () => {
  test.each([
    ["conf that is a list", raw("[1]"), 400, "REQUEST_INVALID"],
    ["conf that is a text", raw('"x"'), 400, "REQUEST_INVALID"],
    ["conf of more than the body's limit", raw(`{"x":"${"x".repeat(1_100_000)}"}`), 413, "BODY_TOO_LARGE"],
    ["conf nested too deep", raw(deep(65)), 422, "CONF_UNUSABLE"],
    ["conf nested a hundred thousand deep", raw(deep(100_000)), 422, "CONF_UNUSABLE"],
    ["conf with a __proto__ key", raw('{"a":{"__proto__":{"x":1}}}'), 400, "BODY_UNREADABLE"],
    ["conf with a constructor key", raw('{"constructor":1}'), 422, "CONF_UNUSABLE"],
  ])("%s is refused", async (_what, body, status, code) => {
    expect(await post("/api/v1/triggers", body)).toMatchObject({ status, body: { code } });
  });

  test.each([
    ["a run id outside the alphabet", { dag_run_id: "ü" }, 422, "RUN_ID_INVALID"],
    ["a reserved run id", { dag_run_id: "scheduled__1" }, 422, "RUN_ID_INVALID"],
    ["a prefix with a slash", { dag_run_id_prefix: "ark:/1" }, 422, "RUN_ID_INVALID"],
    ["a naive date", { logical_date: "2026-11-20T03:00:00" }, 400, "REQUEST_INVALID"],
    ["an unknown instance", { instances: ["nope"] }, 404, "INSTANCE_UNKNOWN"],
    ["both instances and selector", { selector: "instance=*" }, 400, "REQUEST_INVALID"],
    ["a selector that cannot be read", { instances: undefined, selector: "colour=red" }, 400, "SELECTOR_INVALID"],
    ["a subject id of 2,001 characters", { subjects: [{ type: "a", id: "x".repeat(2_001) }] }, 400, "REQUEST_INVALID"],
  ])("%s is refused", async (_what, body, status, code) => {
    expect(await ask(body)).toMatchObject({ status, body: { code } });
  });

  test("a naive date is told what it lacks", async () => {
    const { body } = await ask({ logical_date: "2026-11-20T03:00:00" });
    expect(body).toMatchObject({
      detail: expect.stringContaining("body.logical_date: A time with its zone is needed"),
    });
  });

  test("a conf of almost a megabyte is taken, and a subject id of 2,000 characters", async () => {
    const subjects = [{ type: "a", id: "/".repeat(2_000) }];
    const big = await ask({ instances: ["client3"], conf: { x: "x".repeat(1_000_000) }, subjects }, WAIT);
    expect(big.body.items.map(({ state }) => state)).toEqual(["accepted"]);
  });

  test("an unknown DAG and a date in use are verdicts of the engine, recorded with its answer", async () => {
    const unknown = await ask({ dag_id: "nope" }, WAIT);
    expect(unknown.body.items.map(({ state, error }) => [state, error?.code])).toEqual([
      ["rejected", "DAG_UNKNOWN"],
      ["rejected", "DAG_UNKNOWN"],
    ]);
    const date = { logical_date: "2026-01-01T00:00:00Z" };
    await ask(date, WAIT);
    const taken = await ask(date, WAIT);
    expect(taken.body.items.map(({ error }) => error?.code)).toEqual(["LOGICAL_DATE_TAKEN", "LOGICAL_DATE_TAKEN"]);
    const { attempts = [] } = (await get(`/api/v1/triggers/${taken.body.items[0].id}`)).body as unknown as Trigger;
    expect(attempts.map(({ status }) => status)).toEqual([409, 404]);
  });

  test("a foreign run under the id is no run of ours", async () => {
    await ask({ dag_run_id: "mine", conf: { a: 1 } }, WAIT);
    const { body } = await ask({ dag_run_id: "mine", conf: { a: 2 } }, WAIT);
    expect(body.items.map(({ state, error, run }) => [state, error?.code, run])).toEqual([
      ["rejected", "RUN_ID_TAKEN", null],
      ["rejected", "RUN_ID_TAKEN", null],
    ]);
  });
});

describe("a batch", () => {
  test("gives an outcome for each item, and bad ones do not stop good ones", async () => {
    const items = [
      good(0),
      7,
      { dag_id: "orders" },
      { ...good(3), conf: [] },
      good(4),
      { ...good(5), instances: ["x"] },
    ];
    const { status, body } = await post("/api/v1/triggers/batch", { items }, { ...WAIT, "idempotency-key": "b1" });
    expect(status).toBe(200);
    const outcomes = (body as unknown as { items: { triggers: Trigger[]; error: { code: string } | null }[] }).items;
    expect(outcomes.map(({ triggers, error }) => triggers[0]?.state ?? error?.code)).toEqual([
      "accepted",
      "REQUEST_INVALID",
      "REQUEST_INVALID",
      "REQUEST_INVALID",
      "accepted",
      "INSTANCE_UNKNOWN",
    ]);
    const again = await post("/api/v1/triggers/batch", { items }, { "idempotency-key": "b1" });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body.request_id).toBe(body.request_id);
  });

  test("of more than a thousand items is refused as a whole", async () => {
    const items = Array.from({ length: 1_001 }, () => ({ instances: ["client1"], dag_id: "orders" }));
    expect(await post("/api/v1/triggers/batch", { items })).toMatchObject({ status: 400 });
  });
});

describe("calling off", () => {
  test("is refused once the trigger has ended, and unknown triggers are said to be", async () => {
    const { body } = await ask({}, WAIT);
    const ended = await post(`/api/v1/triggers/${body.items[0].id}/cancel`, {});
    expect(ended).toMatchObject({ status: 409, body: { code: "TRIGGER_FINISHED" } });
    expect(await post("/api/v1/triggers/trg_none/cancel", {})).toMatchObject({ status: 404 });
    expect((await get("/api/v1/triggers/trg_none")).body).toMatchObject({ code: "TRIGGER_UNKNOWN" });
  });
});

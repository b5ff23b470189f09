import { afterEach, describe, expect, test } from "vitest";
import {
  createManualClock,
  createSimulator,
  type DagSpec,
  type Generation,
  type InstanceSpec,
  type ManualClock,
  type SimulatedInstance,
  type Simulator,
} from "@airfleet/simulator";
import { type Api, createApi, type Reply } from "./api.ts";

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

const ok: DagSpec = { dagId: "x", docMd: "one", tasks: [{ taskId: "a" }] };
const slow: DagSpec = {
  dagId: "slow",
  tasks: [
    { taskId: "a", durationSeconds: 60, downstream: ["b"], log: Array.from({ length: 60 }, (_, n) => `tick ${n + 1}`) },
    { taskId: "b" },
  ],
};

const start = async (
  generation: Generation,
  more: Partial<InstanceSpec> = {},
): Promise<{ clock: ManualClock; instance: SimulatedInstance; api: Api }> => {
  const clock = createManualClock("2026-11-20T12:00:30Z");
  const simulator = createSimulator({ clock });
  open.push(simulator);
  const instance = await simulator.addInstance({ id: "one", generation, dags: [ok, slow], ...more });
  return { clock, instance, api: await createApi(instance) };
};

const detailOf = (reply: Reply): unknown => (reply.body as { detail?: unknown }).detail;

describe("run ids", () => {
  const refused = ["a/b", "a b", "a%b", "a?b", "a;b", "a'b", "ünï", " a", "a@b", "a(b)"];

  test.each(refused)("Airflow 2 crashes on %j and Airflow 3 refuses it", async (runId) => {
    const [two, three] = [await start(2), await start(3)];
    const first = await two.api.send("POST", "/dags/x/dagRuns", { dag_run_id: runId });
    expect([first.status, first.headers.get("content-type"), String(first.body).includes("Ooops!")]).toEqual([
      500,
      "text/html; charset=utf-8",
      true,
    ]);
    const second = await three.api.send("POST", "/dags/x/dagRuns", { dag_run_id: runId, logical_date: null });
    expect(second.status).toBe(400);
    expect(detailOf(second)).toContain("does not match regex pattern '^[A-Za-z0-9_.~:+-]+$'");
  });

  test("of 250 characters are fine on both, one more is refused in two ways", async () => {
    const [two, three] = [await start(2), await start(3)];
    await two.api.trigger("x", "r".repeat(250));
    await three.api.trigger("x", "r".repeat(250));
    expect((await two.api.send("POST", "/dags/x/dagRuns", { dag_run_id: "r".repeat(251) })).status).toBe(400);
    const reply = await three.api.send("POST", "/dags/x/dagRuns", { dag_run_id: "r".repeat(251), logical_date: null });
    expect([reply.status, (detailOf(reply) as { reason: string }).reason]).toEqual([422, "Value rejected by database"]);
  });

  test("with two dots are refused by Airflow 3 only", async () => {
    await (await start(2)).api.trigger("x", "a..b");
    const reply = await (await start(3)).api.send("POST", "/dags/x/dagRuns", {
      dag_run_id: "a..b",
      logical_date: null,
    });
    expect([reply.status, String(detailOf(reply)).includes("must not contain '..'")]).toEqual([400, true]);
  });

  test.each([2, 3] as const)("with + : ~ are found again on Airflow %i when they are encoded", async (generation) => {
    const { api } = await start(generation);
    await api.trigger("x", "a+b:c~d");
    const run = await api.get<{ dag_run_id: string }>(`/dags/x/dagRuns/${encodeURIComponent("a+b:c~d")}`);
    expect(run.dag_run_id).toBe("a+b:c~d");
  });

  test.each([2, 3] as const)("are made up by Airflow %i when empty", async (generation) => {
    const { api } = await start(generation);
    const body = { dag_run_id: "", ...(generation === 3 ? { logical_date: null } : {}) };
    const reply = await api.send("POST", "/dags/x/dagRuns", body);
    expect((reply.body as { dag_run_id: string }).dag_run_id).toMatch(/^manual__2026-11-20T12:00:30.*\+00:00$/);
  });
});

describe("paths", () => {
  test.each([2, 3] as const)(
    "with an encoded way out of their place lead nowhere on Airflow %i",
    async (generation) => {
      const { api } = await start(generation);
      const reply = await api.send("GET", "/dags/..%2Fconnections");
      expect(reply.status).toBe(404);
    },
  );

  test("of the other generation are answered in each server's own way", async () => {
    const [two, three] = [await start(2), await start(3)];
    const wrong = await fetch(`${three.instance.url}/api/v1/version`);
    expect([wrong.status, await wrong.json()]).toEqual([
      404,
      { error: "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2 instead." },
    ]);
    for (const path of ["/api/v2/version", "/auth/token"]) {
      const page = await fetch(`${two.instance.url}${path}`);
      expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
    }
    expect((await fetch(`${two.instance.url}/health`)).status).toBe(200);
    expect((await fetch(`${three.instance.url}/health`)).status).toBe(404);
  });
});

describe("signing in", () => {
  test("Airflow 2 answers 403 without a challenge to everything but the right password", async () => {
    const { instance } = await start(2);
    for (const authorization of ["", "Bearer x", `Basic ${btoa("admin:wrong")}`, `Basic ${btoa("nobody:admin")}`]) {
      const reply = await fetch(`${instance.url}/api/v1/dags`, { headers: { authorization } });
      expect([reply.status, reply.headers.get("www-authenticate")]).toEqual([403, null]);
    }
  });

  test("Airflow 3 tells an expired token (401) from one signed with another key (403)", async () => {
    const { clock, instance, api } = await start(3, { settings: { tokenLifetimeSeconds: 60 } });
    expect((await api.send("GET", "/dags")).status).toBe(200);
    clock.advance(61);
    const expired = await api.send("GET", "/dags");
    expect([expired.status, detailOf(expired)]).toEqual([401, "Token Expired"]);
    const fresh = await createApi(instance);
    instance.settings.jwtSecret = "another";
    const foreign = await fresh.send("GET", "/dags");
    expect([foreign.status, detailOf(foreign)]).toEqual([403, "Invalid JWT token"]);
  });

  test("Airflow 3 gives command line tokens a life of their own, and takes forms", async () => {
    const { clock, instance } = await start(3, { settings: { cliTokenLifetimeSeconds: 10 } });
    const form = new URLSearchParams({ username: "admin", password: "admin" });
    const reply = await fetch(`${instance.url}/auth/token/cli`, { method: "POST", body: form });
    expect(reply.status).toBe(201);
    const { access_token: token } = (await reply.json()) as { access_token: string };
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      exp: number;
      iat: number;
      aud: string;
    };
    expect([claims.exp - claims.iat, claims.aud, claims.iat]).toEqual([
      10,
      "apache-airflow",
      Math.floor(clock.now() / 1e6),
    ]);
    expect((await fetch(`${instance.url}/auth/token`, { method: "POST", body: "{" })).status).toBe(500);
  });

  test.each([2, 3] as const)("lets a viewer of Airflow %i read and not write", async (generation) => {
    const { api } = await start(generation, { users: [{ username: "eve", password: "pw", role: "viewer" }] });
    expect((await api.send("GET", "/dags")).status).toBe(200);
    expect((await api.send("PATCH", "/dags/x", { is_paused: true })).status).toBe(403);
  });
});

describe.each([2, 3] as const)("broken and moved files on Airflow %i", (generation) => {
  test("a DAG that parsed before is kept, and cannot be triggered", async () => {
    const { instance, api } = await start(generation);
    instance.breakDag("x");
    const dag = await api.get<{ has_import_errors: boolean; is_active?: boolean; is_stale?: boolean }>("/dags/x");
    expect(dag.has_import_errors).toBe(true);
    expect(generation === 2 ? dag.is_active : dag.is_stale).toBe(true);
    const body = generation === 2 ? {} : { logical_date: null };
    expect((await api.send("POST", "/dags/x/dagRuns", body)).status).toBe(generation === 2 ? 400 : 404);
    const listed = await api.get<{ dags: { dag_id: string }[] }>("/dags");
    expect(listed.dags.some((row) => row.dag_id === "x")).toBe(generation === 2);
    const errors = await api.get<{ import_errors: { filename: string }[] }>("/importErrors");
    expect(errors.import_errors.map((row) => row.filename)).toEqual([
      generation === 2 ? "/opt/airflow/dags/x.py" : "x.py",
    ]);
    instance.deploy({ ...ok, docMd: "two" });
    await api.trigger("x", "again");
    expect((await api.get<{ total_entries: number }>("/importErrors")).total_entries).toBe(0);
  });

  test("an edit shows its tags before its doc_md, and only then is it live", async () => {
    const { clock, instance, api } = await start(generation);
    instance.deploy({ ...ok, docMd: "two", tags: ["new"] }, { parseSeconds: 2, serializeSeconds: 30 });
    const look = async (): Promise<[number, string]> => {
      const dag = await api.get<{ tags: unknown[] }>("/dags/x");
      const details = await api.get<{ doc_md: string }>("/dags/x/details");
      return [dag.tags.length, details.doc_md];
    };
    expect(await look()).toEqual([0, "one"]);
    clock.advance(3);
    expect(await look()).toEqual([1, "one"]);
    clock.advance(30);
    expect(await look()).toEqual([1, "two"]);
  });

  test("a deleted DAG comes back without its runs while its file is there", async () => {
    const { clock, api } = await start(generation);
    await api.trigger("x", "r");
    clock.advance(10);
    expect((await api.send("DELETE", "/dags/x")).status).toBe(204);
    expect((await api.send("GET", "/dags/x")).status).toBe(404);
    clock.advance(60);
    expect((await api.send("GET", "/dags/x")).status).toBe(200);
    expect((await api.send("GET", "/dags/x/dagRuns/r")).status).toBe(404);
  });

  test("a removed file makes its DAG stale, and leaves it readable", async () => {
    const { instance, api } = await start(generation);
    instance.removeFile("x");
    const dag = await api.get<{ is_active?: boolean; is_stale?: boolean }>("/dags/x");
    expect(generation === 2 ? dag.is_active : !dag.is_stale).toBe(false);
    const body = generation === 2 ? {} : { logical_date: null };
    expect((await api.send("POST", "/dags/x/dagRuns", body)).status).toBe(404);
  });
});

const feed = async (api: Api, since: string): Promise<string[]> => {
  const query = `updated_at_gte=${encodeURIComponent(since)}&order_by=updated_at`;
  const page = await api.get<{ dag_runs: { dag_run_id: string }[] }>(`/dags/~/dagRuns?${query}`);
  return page.dag_runs.map((run) => run.dag_run_id);
};

/** A moment that is behind everything so far and before everything to come. */
const mark = (clock: ManualClock): string => {
  clock.advance(0.5);
  const at = new Date(clock.now() / 1000).toISOString();
  clock.advance(0.5);
  return at;
};

describe.each([2, 3] as const)("the change feed of Airflow %i", (generation) => {
  test("shows a run when it comes, while it runs and when it ends, and then no more", async () => {
    const { clock, api } = await start(generation);
    const first = mark(clock);
    await api.trigger("slow", "r");
    expect(await feed(api, first)).toEqual(["r"]);
    clock.advance(10);
    const running = mark(clock);
    clock.advance(3);
    expect(await feed(api, running)).toEqual(["r"]);
    clock.advance(40);
    const ending = mark(clock);
    clock.advance(30);
    expect(await feed(api, ending)).toEqual(["r"]);
    const idle = mark(clock);
    clock.advance(60);
    expect(await feed(api, idle)).toEqual([]);
  });

  test("shows a stopped and a cleared run, but neither a note nor a clear without reset nor a delete", async () => {
    const { clock, api } = await start(generation);
    await api.trigger("slow", "r");
    clock.advance(5);
    const beforeStop = mark(clock);
    await api.send("PATCH", "/dags/slow/dagRuns/r", { state: "failed" });
    expect(await feed(api, beforeStop)).toEqual(["r"]);
    clock.advance(60);
    const quiet = mark(clock);
    const note = generation === 2 ? "/dags/slow/dagRuns/r/setNote" : "/dags/slow/dagRuns/r";
    expect((await api.send("PATCH", note, { note: "looked at" })).status).toBe(200);
    const clear = { dry_run: false, dag_run_id: "r", only_failed: false, reset_dag_runs: false };
    expect((await api.send("POST", "/dags/slow/clearTaskInstances", clear)).status).toBe(200);
    clock.advance(5);
    expect(await feed(api, quiet)).toEqual([]);
    await api.send("POST", "/dags/slow/clearTaskInstances", { ...clear, reset_dag_runs: true });
    expect(await feed(api, quiet)).toEqual(["r"]);
  });
});

describe("logs of a running task", () => {
  test("grow by exactly the new lines on Airflow 3, and end without a token", async () => {
    const { clock, api } = await start(3);
    await api.trigger("slow", "r");
    clock.advance(20);
    const path = "/dags/slow/dagRuns/r/taskInstances/a/logs/1";
    interface Log {
      content: { event: string }[];
      continuation_token: string | null;
    }
    const seen: string[] = [];
    let log = await api.get<Log>(path);
    for (let call = 0; log.continuation_token !== null && call < 40; call++) {
      seen.push(...log.content.map((line) => line.event));
      clock.advance(7);
      log = await api.get<Log>(`${path}?token=${log.continuation_token}`);
    }
    seen.push(...log.content.map((line) => line.event));
    const ticks = seen.filter((event) => event.startsWith("tick"));
    expect(ticks).toEqual(Array.from({ length: 60 }, (_, n) => `tick ${n + 1}`));
    expect(seen[0]).toBe("::group::Log message source details");
  });

  test("grow by exactly the new text on Airflow 2, whose token never ends", async () => {
    const { clock, api } = await start(2);
    await api.trigger("slow", "r");
    clock.advance(20);
    const path = "/dags/slow/dagRuns/r/taskInstances/a/logs/1";
    const read = async (token?: string) => {
      const query = token === undefined ? "" : `?token=${token}`;
      const reply = await api.send("GET", `${path}${query}`, undefined, { accept: "application/json" });
      return reply.body as { content: string; continuation_token: string };
    };
    const first = await read();
    clock.advance(200);
    const second = await read(first.continuation_token);
    const ticks = (first.content + second.content).match(/tick \d+/g);
    expect(ticks).toEqual(Array.from({ length: 60 }, (_, n) => `tick ${n + 1}`));
    const last = await read(second.continuation_token);
    expect(last.content).toMatch(/^\[\('worker-\d\.example\.internal', ''\)\]$/);
    expect(last.continuation_token).toBe(second.continuation_token);
  });

  test("end with the kill, some seconds behind the PATCH", async () => {
    for (const [generation, word] of [
      [2, "Sending SIGTERM"],
      [3, "Task killed!"],
    ] as const) {
      const { clock, api } = await start(generation);
      await api.trigger("slow", "r");
      clock.advance(20);
      await api.send("PATCH", "/dags/slow/dagRuns/r", { state: "failed" });
      const path = "/dags/slow/dagRuns/r/taskInstances/a/logs/1";
      const text = async (): Promise<string> => JSON.stringify((await api.send("GET", path)).body);
      expect(await text()).not.toContain(word);
      clock.advance(10);
      expect(await text()).toContain(word);
    }
  });
});

describe("what bites a client", () => {
  test("Airflow 2 refuses unknown query keys, Airflow 3 ignores them", async () => {
    expect((await (await start(2)).api.send("GET", "/dags?bogus=1")).status).toBe(400);
    expect((await (await start(3)).api.send("GET", "/dags?bogus=1")).status).toBe(200);
  });

  test("clear is a dry run unless told otherwise", async () => {
    for (const generation of [2, 3] as const) {
      const { clock, api } = await start(generation);
      await api.trigger("x", "r");
      clock.advance(10);
      await api.send("POST", "/dags/x/dagRuns/r/clear", {});
      expect((await api.get<{ state: string }>("/dags/x/dagRuns/r")).state).toBe("success");
    }
  });

  test("a cleared task of a finished run never runs when the run is not reset", async () => {
    for (const generation of [2, 3] as const) {
      const { clock, api, instance } = await start(generation);
      await api.trigger("x", "r");
      clock.advance(10);
      const body = { dry_run: false, dag_run_id: "r", only_failed: false, reset_dag_runs: false };
      expect((await api.send("POST", "/dags/x/clearTaskInstances", body)).status).toBe(200);
      clock.advance(3600);
      expect(instance.world.runs[0]?.tasks?.[0]?.state).toBeNull();
    }
  });

  test("a new clear keeps every try", async () => {
    for (const generation of [2, 3] as const) {
      const { clock, api } = await start(generation);
      await api.trigger("x", "r");
      clock.advance(10);
      for (let again = 0; again < 2; again++) {
        await api.send("POST", "/dags/x/dagRuns/r/clear", { dry_run: false });
        clock.advance(10);
      }
      const tries = await api.get<{ task_instances: { try_number: number }[] }>(
        "/dags/x/dagRuns/r/taskInstances/a/tries",
      );
      expect(tries.task_instances.map((row) => row.try_number)).toEqual([1, 2, 3]);
    }
  });

  test("Airflow 3 waits for run_after, and Airflow 2 has no such key", async () => {
    const { clock, api, instance } = await start(3);
    await api.trigger("x", "later", { run_after: "2026-11-20T13:00:00Z" });
    clock.advance(1800);
    expect(instance.world.runs[0]?.state).toBe("queued");
    clock.advance(1800);
    expect(instance.world.runs[0]?.state).toBe("success");
    expect(
      (await (await start(2)).api.send("POST", "/dags/x/dagRuns", { run_after: "2026-11-20T13:00:00Z" })).status,
    ).toBe(400);
  });

  test("the audit log names who did what, also what was refused", async () => {
    const { api, instance } = await start(2);
    await api.send("POST", "/dags/x/dagRuns", { bogus: 1 });
    await api.trigger("x", "r");
    const rows = instance.world.events.filter((row) => row.owner === "admin");
    expect(rows.map((row) => [row.event, row.dagId, row.runId])).toEqual([
      ["api.post_dag_run", "x", null],
      ["api.post_dag_run", "x", null],
    ]);
  });
});

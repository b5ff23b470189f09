import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { attachDagster, findFreePorts, type RunningDagster, startDagster } from "@airfleet/tools-engines";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Airfleet, startAirfleet } from "../../src/index.ts";
import { memoryLogger } from "../support/serve.ts";

const PATIENCE = { timeout: 400_000, interval: 700 };
const LONG = { timeout: 450_000 };
const directory = mkdtempSync(path.join(tmpdir(), "airfleet-dagster-"));
let dagster: RunningDagster;
let server: Airfleet;

beforeAll(async () => {
  const known = process.env["AIRFLEET_DAGSTER"];
  dagster = known === undefined ? await startDagster() : await attachDagster(known);
  const [port = 0] = await findFreePorts(1);
  const instances = [{ id: "lab", engine: "dagster", url: dagster.url, limits: { timeout_ms: 60_000 } }];
  writeFileSync(path.join(directory, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  server = await startAirfleet({ source: { cwd: directory, env: {}, flags: { port } }, logger: memoryLogger([]) });
}, 600_000);
afterAll(async () => {
  await server?.close();
  await dagster?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

type Answer = Readonly<Record<string, unknown>>;

const ask = async (
  route: string,
  { method = "GET", body, headers = {} }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<{ readonly status: number; readonly body: Answer }> => {
  const answer = await fetch(`${server.url}/api/v1${route}`, {
    method,
    headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
};

const setPaused = (dagId: string, paused: boolean) =>
  ask(`/instances/lab/dags/${dagId}`, { method: "PATCH", body: { is_paused: paused } });

const until = <Value>(what: string, read: () => Promise<Value>, accepts: (value: Value) => boolean): Promise<Value> =>
  vi.waitFor(async () => {
    const value = await read();
    if (!accepts(value)) throw new Error(`not yet: ${what}; ${JSON.stringify(value)}`);
    return value;
  }, PATIENCE);

const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.[0] !== "Z";
  } catch {
    return false;
  }
};

const trigger = async (dagId: string, key: string, more: object = {}): Promise<Answer> => {
  const body = { instances: ["lab"], dag_id: dagId, ...more };
  const { status, body: answer } = await ask("/triggers", {
    method: "POST",
    body,
    headers: { "idempotency-key": key },
  });
  if (status >= 300) throw new Error(`${status}: ${JSON.stringify(answer)}`);
  return answer;
};

const idOf = (answer: Answer): string => String((answer["items"] as readonly Answer[])[0]?.["id"]);

/** The one run that a trigger came to, as the store has it. */
const runOf = async (triggerId: string): Promise<Answer> => {
  const { body } = await until(
    "the trigger is accepted and its run known",
    () => ask(`/triggers/${triggerId}`),
    (now) => now.body["state"] === "accepted" && typeof now.body["dag_run_id"] === "string",
  );
  return body;
};

test("the jobs of a Dagster are listed beside the DAGs of Airflows, with their words", LONG, async () => {
  await until(
    "the jobs are known",
    () => ask("/dags?limit=200"),
    ({ body }) => JSON.stringify(body).includes('"af_chain"'),
  );
  const text = JSON.stringify((await ask("/instances/lab/dags/af_scheduled")).body);
  expect(text).toContain('"is_paused":true');
  expect(text).toContain("*/5 * * * *");
  const { body: graph } = await ask("/instances/lab/dags/af_chain/graph");
  expect(JSON.stringify(graph)).toContain("group.b");
  const source = await ask("/instances/lab/dags/af_chain/source");
  expect(source).toMatchObject({ status: 422, body: { code: "CAPABILITY_MISSING" } });
});

test("a trigger with a key makes one run, which is tracked to its end, with subject, tasks and log", LONG, async () => {
  const more = { conf: { n: 7 }, subjects: [{ type: "collection", id: "42" }] };
  const first = await trigger("af_params", "publish-42", more);
  const again = await trigger("af_params", "publish-42", more);
  expect(idOf(again)).toBe(idOf(first));
  const { dag_run_id: runId } = await runOf(idOf(first));
  const route = `/instances/lab/dags/af_params/runs/${String(runId)}`;
  const ended = await until(
    "the run has ended",
    () => ask("/runs?subject_type=collection&subject_id=42"),
    ({ body }) => (body["items"] as readonly Answer[])[0]?.["state"] === "success",
  );
  expect(ended.body["items"]).toHaveLength(1);
  expect((await ask(`${route}/tasks`)).body["items"]).toMatchObject([{ task_id: "print_conf", state: "success" }]);
  const log = await (await fetch(`${server.url}/api/v1${route}/tasks/print_conf/logs`)).text();
  expect(log).toContain("conf {'n': 7}");
});

test("a stop ends the run's processes, says how sure that is, and the run is cancelled", LONG, async () => {
  const answer = await trigger("af_sleep", "sleep-1");
  const { dag_run_id: runId } = await runOf(String((answer["items"] as readonly Answer[])[0]?.["id"]));
  const route = `/instances/lab/dags/af_sleep/runs/${String(runId)}`;
  const running = await until(
    "its step runs",
    () => ask(`${route}/tasks`),
    ({ body }) => (body["items"] as readonly Answer[])[0]?.["state"] === "running",
  );
  const pid = Number((running.body["items"] as readonly Answer[])[0]?.["pid"]);
  expect(isAlive(pid)).toBe(true);
  const asked = await ask(`${route}/stop`, { method: "POST", body: {} });
  const stopped = await until(
    "the stop is done",
    () => ask(`/actions/${String(asked.body["id"])}`),
    ({ body }) => body["state"] !== "pending",
  );
  expect(stopped.body).toMatchObject({ state: "done", after: { state: "cancelled" } });
  expect(isAlive(pid)).toBe(false);
  const [shown] = (await ask("/runs?dag_id=af_sleep")).body["items"] as readonly Answer[];
  expect((await ask(`/runs/${String(shown?.["id"])}/stop`)).body).toMatchObject({
    stage: "ended",
    process_counts: { alive: 0, confirmed: 0, presumed: 1 },
    processes: [{ task_id: "a", state_before: "running", pid, process_gone: "presumed", by: null }],
  });
});

test("pausing stops the schedule, unpausing starts it, and what has none says so", LONG, async () => {
  expect(await setPaused("af_many_001", false)).toMatchObject({ status: 200, body: { after: { is_paused: false } } });
  expect(await setPaused("af_many_001", true)).toMatchObject({ status: 200, body: { after: { is_paused: true } } });
  expect(JSON.stringify((await setPaused("af_ok", true)).body)).toContain("It has no schedule and no sensor");
});

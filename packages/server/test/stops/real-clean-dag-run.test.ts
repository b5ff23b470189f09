import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureWheel, findFreePorts, FIXTURE_DAGS, type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Airfleet, startAirfleet } from "../../src/index.ts";
import { memoryLogger } from "../support/serve.ts";

const PATIENCE = { timeout: 180_000, interval: 700 };
const LONG = { timeout: 600_000 };
const GENERATIONS = [2, 3] as const;
const directory = mkdtempSync(path.join(tmpdir(), "airfleet-clean-"));
const airflows = new Map<number, RunningAirflow>();
let server: Airfleet;

/** What people put into their DAG folder. */
const DAG_FILE = path.resolve(import.meta.dirname, "../../../../examples/clean-dag-run/clean_dag_run.py");

beforeAll(async () => {
  const dags = path.join(directory, "dags");
  mkdirSync(dags);
  copyFileSync(path.join(FIXTURE_DAGS, "af_lifecycle.py"), path.join(dags, "af_lifecycle.py"));
  copyFileSync(path.join(import.meta.dirname, "dags", "af_teardown.py"), path.join(dags, "af_teardown.py"));
  copyFileSync(DAG_FILE, path.join(dags, "clean_dag_run.py"));
  const { site } = await ensureWheel();
  const [port = 0] = await findFreePorts(1);
  for (const generation of GENERATIONS) {
    const extra = { instance: `af${generation}` };
    const connection = { conn_type: "http", host: "127.0.0.1", port, schema: "http", extra };
    const environment = { AIRFLOW_CONN_AIRFLEET: JSON.stringify(connection), AIRFLEET_REPORTS: "off" };
    airflows.set(generation, await startAirflow({ generation, dags, pythonPath: [site], environment }));
  }
  const instances = [...airflows].map(([generation, { url, username, password }]) => ({
    id: `af${generation}`,
    url,
    auth: { type: "basic", username, password },
  }));
  writeFileSync(path.join(directory, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  server = await startAirfleet({ source: { cwd: directory, env: {}, flags: { port } }, logger: memoryLogger([]) });
}, 600_000);
afterAll(async () => {
  await server?.close();
  for (const airflow of airflows.values()) await airflow[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

type Answer = Readonly<Record<string, unknown>>;

const ask = async (route: string, body?: unknown): Promise<{ readonly status: number; readonly body: Answer }> => {
  const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${server.url}/api/v1${route}`, body === undefined ? {} : post);
  return { status: answer.status, body: (await answer.json()) as Answer };
};

const begin = async (instance: string, dag: string, conf: object): Promise<string> => {
  const dag_run_id = `clean_${randomBytes(5).toString("hex")}`;
  const { status } = await ask(`/instances/${instance}/dags/${dag}/runs`, { dag_run_id, conf });
  expect(status).toBe(200);
  return `/instances/${instance}/dags/${dag}/runs/${dag_run_id}`;
};
const idOf = (route: string): string => route.slice(route.lastIndexOf("/") + 1);

/** A run whose task has a process, by its route. */
const aSleepingRun = async (
  instance: string,
  dag = "af_sleep",
  conf: object = {},
): Promise<{ readonly route: string; readonly pid: number }> => {
  const route = await begin(instance, dag, conf);
  const pid = await vi.waitFor(async () => {
    const { body } = await ask(`${route}/tasks`);
    const tasks = body["items"] as readonly {
      readonly task_id: string;
      readonly state: string;
      readonly pid: number;
    }[];
    const task = tasks.find((one) => one.task_id === "a");
    if (task?.state !== "running" || !task.pid) throw new Error(`${route} has no process yet`);
    return task.pid;
  }, PATIENCE);
  return { route, pid };
};

const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.[0] !== "Z";
  } catch {
    return false;
  }
};

/** Triggers clean_dag_run and answers how its run ended. */
const clean = async (instance: string, conf: object): Promise<{ readonly state: string; readonly route: string }> => {
  const route = await begin(instance, "clean_dag_run", conf);
  const state = await vi.waitFor(async () => {
    const { body } = await ask(route);
    const now = String(body["state"]);
    if (now !== "success" && now !== "failed") throw new Error(`clean_dag_run is ${now}`);
    return now;
  }, PATIENCE);
  return { state, route };
};

const logOf = async (route: string): Promise<string> =>
  (await fetch(`${server.url}/api/v1${route}/tasks/clean_dag_run/logs`)).text();

const stop = async (route: string, body: object): Promise<Answer> => {
  const asked = (await ask(`${route}/stop`, body)).body;
  return vi.waitFor(async () => {
    const { body: action } = await ask(`/actions/${String(asked["id"])}`);
    if (action["state"] === "pending") throw new Error("the stop goes on");
    return action;
  }, PATIENCE);
};

const statesOf = async (route: string): Promise<Answer> => {
  const items = (await ask(`${route}/tasks`)).body["items"] as readonly Answer[];
  return Object.fromEntries(items.map((task) => [String(task["task_id"]), task["state"]]));
};

describe.each(GENERATIONS)("clean_dag_run on a real Airflow %i", (generation) => {
  const instance = `af${generation}`;

  test("succeeds when all processes of the run are gone, and keeps its history", LONG, async () => {
    const { route, pid } = await aSleepingRun(instance);
    const cleaned = await clean(instance, { remove_dag_id: "af_sleep", remove_run_id: idOf(route) });
    expect({ state: cleaned.state, log: cleaned.state === "success" ? "" : await logOf(cleaned.route) }).toEqual({
      state: "success",
      log: "",
    });
    expect(isAlive(pid)).toBe(false);
    expect((await ask(route)).body).toMatchObject({ state: "failed" });
    const again = await clean(instance, { remove_dag_id: "af_sleep", remove_run_id: idOf(route) });
    expect(again.state).toBe("success");
  });

  test("succeeds when there is no such run, and fails when the conf names none", LONG, async () => {
    const missing = await clean(instance, { remove_dag_id: "af_sleep", remove_run_id: "never_was" });
    expect(missing.state).toBe("success");
    expect((await clean(instance, { remove_dag_id: "nobody", remove_run_id: "never_was" })).state).toBe("success");
    expect((await clean(instance, { remove_dag_id: "af_sleep" })).state).toBe("failed");
  });

  test("fails when it waited longer than the bound, and names the process", LONG, async () => {
    const { route, pid } = await aSleepingRun(instance);
    const conf = { remove_dag_id: "af_sleep", remove_run_id: idOf(route), timeout: 1 };
    const cleaned = await clean(instance, conf);
    expect(cleaned.state).toBe("failed");
    const log = await logOf(cleaned.route);
    expect(log).toContain("RUN_STOP_UNCONFIRMED");
    expect(log).toContain(`pid ${pid}`);
  });

  test("lets teardown tasks finish, and ends them only when that is asked for", LONG, async () => {
    const first = await aSleepingRun(instance, "af_teardown");
    const left = await stop(first.route, {});
    expect(left).toMatchObject({ state: "done", after: { state: "cancelled" } });
    expect(await statesOf(first.route)).toEqual({ a: "failed", down: "success" });
    expect(isAlive(first.pid)).toBe(false);
    // Longer than either Airflow takes to end a process.
    const second = await aSleepingRun(instance, "af_teardown", { seconds: 200 });
    const ended = await stop(second.route, { teardown: true });
    expect(ended).toMatchObject({ state: "done", after: { state: "cancelled" } });
    expect((await statesOf(second.route))["down"]).not.toBe("success");
    expect(isAlive(second.pid)).toBe(false);
  });

  test("cleans a run of another instance, and deletes it there when that is asked for", LONG, async () => {
    const other = generation === 2 ? "af3" : "af2";
    const { route, pid } = await aSleepingRun(other);
    const conf = { remove_dag_id: "af_sleep", remove_run_id: idOf(route), instance: other, delete: true };
    expect((await clean(instance, conf)).state).toBe("success");
    expect(isAlive(pid)).toBe(false);
    expect((await ask(route)).status).toBe(404);
  });
});

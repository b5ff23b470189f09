import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ExecutionView } from "@airfleet/contract";
import { authorize, type RunningAirflow } from "@airfleet/tools-engines";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { takeAirflow } from "../../../airflow/test/conformance/instance-under-trial.ts";
import { type Airfleet, startAirfleet } from "../../src/index.ts";
import { memoryLogger } from "../support/serve.ts";

const PATIENCE = { timeout: 240_000, interval: 500 };
const LONG = { timeout: 300_000 };
const GENERATIONS = [2, 3] as const;
const OWN = `executions_${randomBytes(4).toString("hex")}`;
const airflows = new Map<number, RunningAirflow>();
const directory = mkdtempSync(path.join(tmpdir(), "airfleet-real-executions-"));
let server: Airfleet;

const airflow = (generation: number): RunningAirflow => {
  const found = airflows.get(generation);
  if (found === undefined) throw new Error(`no Airflow ${generation}`);
  return found;
};
/** Where the steps of an Airflow read and write. */
const dataOf = (generation: number): string =>
  path.join(path.dirname(airflow(generation).dagsFolder), "home", "data", OWN);

beforeAll(async () => {
  for (const generation of GENERATIONS) {
    airflows.set(generation, await takeAirflow(generation));
    mkdirSync(dataOf(generation), { recursive: true });
    writeFileSync(
      path.join(dataOf(generation), "orders.csv"),
      "id,status,amount\n1,paid,10\n2,open,20\n3,paid,30\n4,paid,2\n",
    );
  }
  const instances = [...airflows].map(([generation, { url, username, password, dagsFolder }]) => ({
    id: `af${generation}`,
    url,
    auth: { type: "basic", username, password },
    deploy: { type: "folder", path: dagsFolder, subfolder: OWN },
  }));
  writeFileSync(path.join(directory, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  server = await startAirfleet({ source: { cwd: directory, env: {}, flags: { port: 0 } }, logger: memoryLogger([]) });
});
afterAll(async () => {
  await server?.close();
  rmSync(directory, { recursive: true, force: true });
  for (const [generation, running] of airflows) {
    rmSync(path.join(running.dagsFolder, OWN), { recursive: true, force: true });
    rmSync(dataOf(generation), { recursive: true, force: true });
    await running[Symbol.asyncDispose]();
  }
});

const send = async <Answer>(method: string, route: string, status: number, body?: object): Promise<Answer> => {
  const answer = await fetch(`${server.url}/api/v1${route}`, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect({ route, status: answer.status, text }).toMatchObject({ status });
  return JSON.parse(text) as Answer;
};

const node = (id: string, type: string, moduleId: string, config: object) => ({
  id,
  type,
  data: { label: id, moduleId, config },
});

/** A pipeline that nobody has seen before: reads orders, puts one step in between, and writes what that leaves. */
const aPipeline = async (name: string, between: ReturnType<typeof node>): Promise<string> => {
  const { id } = await send<{ id: string }>("POST", "/pipelines", 201, {
    name,
    default_params: { least: 5 },
    config: {
      nodes: [
        node("read", "extractor", "csv-extractor", { path: `${OWN}/orders.csv` }),
        between,
        node("write", "loader", "csv-loader", { file_path: `${OWN}/${name}-{{ params.least }}.csv` }),
      ],
      edges: [
        { source: "read", target: between.id },
        { source: between.id, target: "write" },
      ],
    },
  });
  return id;
};
const keeping = node("keep", "transformer", "filter", {
  condition: "status = 'paid' and amount >= {{ params.least }}",
});
const sleeping = node("sleep", "transformer", "python-code", {
  code: "import time\n\ndef transform(df):\n    print('it sleeps', flush=True)\n    time.sleep(600)\n    return df\n",
});

const execute = async (pipeline: string, body: object): Promise<string> => {
  const started = await send<{ execution_id: string }>("POST", `/pipelines/${pipeline}/execute`, 200, body);
  return started.execution_id;
};
const executionOf = (id: string): Promise<ExecutionView> => send("GET", `/executions/${id}`, 200);

/** Waits until nothing is left to be done about an execution. */
const settled = (id: string): Promise<ExecutionView> =>
  vi.waitFor(async () => {
    const execution = await executionOf(id);
    if (execution.stage !== "done") throw new Error(`${execution.status}, ${execution.stage}: ${execution.note}`);
    return execution;
  }, PATIENCE);

interface TaskLog {
  readonly task: string;
  readonly lines: readonly { readonly text: string }[];
}
const logOf = async (id: string, task: string): Promise<string> => {
  const { logs } = await send<{ logs: readonly TaskLog[] }>("GET", `/executions/${id}/logs?task=${task}`, 200);
  return logs.flatMap(({ lines }) => lines.map(({ text }) => text)).join("\n");
};

/** Asks Airflow itself, as somebody does who knows nothing of us. */
const askAirflow = async (generation: number, route: string, body?: object): Promise<Record<string, unknown>> => {
  const running = airflow(generation);
  const answer = await fetch(`${running.url}/api/v${generation === 2 ? 1 : 2}${route}`, {
    headers: { "content-type": "application/json", ...(await authorize(running)) },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  expect({ route, status: answer.status }).toEqual({ route, status: 200 });
  return (await answer.json()) as Record<string, unknown>;
};

const rowsOf = ({ metrics }: ExecutionView) =>
  metrics.nodes.map(({ node: id, state, rows_in, rows_out }) => [id, state, rows_in, rows_out]);

describe.concurrent.each(GENERATIONS)("executions on a real Airflow %i", (generation) => {
  const instance = `af${generation}`;

  test("a pipeline that nobody deployed executes at the first request, with its parameters", LONG, async () => {
    const pipeline = await aPipeline("first", keeping);
    const id = await execute(pipeline, { instance, params: { least: 20 } });
    const execution = await settled(id);
    expect(execution).toMatchObject({ status: "success", instance, revision: 1, error_code: null });
    expect(execution.artifact_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(rowsOf(execution)).toEqual([
      ["read", "success", 0, 4],
      ["keep", "success", 4, 1],
      ["write", "success", 1, 1],
    ]);
    expect(execution.metrics).toMatchObject({ rows_in: 4, rows_out: 1 });
    expect(
      readFileSync(path.join(dataOf(generation), "first-20.csv"), "utf8")
        .trim()
        .split("\n"),
    ).toHaveLength(2);
    expect(await logOf(id, "keep")).toContain(`airfleet: artifact ${execution.artifact_hash} step keep`);
  });

  test("a cancelled execution stays cancelled, and its run ends on the engine", LONG, async () => {
    const id = await execute(await aPipeline("slow", sleeping), { instance });
    const run = await vi.waitFor(async () => {
      const { status, dag_id: dag, airflow_dag_run_id: runId } = await executionOf(id);
      expect(status).toBe("running");
      const route = `/dags/${dag}/dagRuns/${runId}`;
      expect(await askAirflow(generation, `${route}/taskInstances/sleep`)).toMatchObject({ state: "running" });
      return route;
    }, PATIENCE);
    await send("POST", `/executions/${id}/cancel`, 200);
    expect(await settled(id)).toMatchObject({ status: "cancelled", cancelled_by: expect.any(String) });
    expect(await askAirflow(generation, run)).toMatchObject({ state: "failed" });
    expect(await executionOf(id)).toMatchObject({ status: "cancelled", engine_state: "failed" });
  });

  test("a run that was started in Airflow itself is an execution too", LONG, async () => {
    const pipeline = await aPipeline("theirs", keeping);
    const { items } = await send<{ items: readonly { dag_id: string; deployment: { id: string } }[] }>(
      "POST",
      `/pipelines/${pipeline}/deploy`,
      202,
      { instances: [instance] },
    );
    const [item] = items;
    await vi.waitFor(async () => {
      const { state } = await send<{ state: string }>("GET", `/deployments/${item?.deployment.id}`, 200);
      expect(state).toBe("triggerable");
    }, PATIENCE);
    const runId = `by_hand_${randomBytes(4).toString("hex")}`;
    await askAirflow(generation, `/dags/${item?.dag_id}/dagRuns`, {
      dag_run_id: runId,
      conf: { least: 10 },
      ...(generation === 2 ? {} : { logical_date: null }),
    });
    const found = await vi.waitFor(async () => {
      const page = await send<{ items: readonly ExecutionView[] }>("GET", `/executions?pipeline_id=${pipeline}`, 200);
      expect(page.items.map((each) => each.airflow_dag_run_id)).toEqual([runId]);
      return page.items[0]?.id ?? "";
    }, PATIENCE);
    const execution = await settled(found);
    expect(execution).toMatchObject({ status: "success", trigger_type: "manual", trigger_id: null, instance });
    expect(rowsOf(execution)).toEqual([
      ["read", "success", 0, 4],
      ["keep", "success", 4, 2],
      ["write", "success", 2, 2],
    ]);
  });
});

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Engine, FIXTURES } from "@airfleet/engine";
import { isTerminalRunState, type RunAddress, toDagId, toRunId } from "@airfleet/model";
import { type Generation, type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { hostOf, takeAirflow } from "../../../airflow/test/conformance/instance-under-trial.ts";
import { type Airfleet, startAirfleet } from "../../src/index.ts";
import { type ClosedGate, type GatedAirflow, startGatedAirflow } from "../reports/gated-airflow.ts";
import { memoryLogger } from "../support/serve.ts";

vi.setConfig({ testTimeout: 400_000 });
const PATIENCE = { timeout: 150_000, interval: 500 };
const GENERATIONS = [2, 3] as const;
/** How long one attempt may take in which Airflow is to be caught with a file that has just gone. */
const CAUGHT_WITHIN = { timeout: 30_000, interval: 300 };
const ATTEMPTS = 4;
/** Sooner than the slow sweep for deleted runs comes by, which would read the run as well. */
const CONFIRMED_WITHIN = { timeout: 30_000, interval: 300 };
/** Reading many runs at once finds none; a single run has its DAG in its address. A refusal would stop all reading. */
const NOTHING_IN_LISTS: ClosedGate = {
  keepsAway: /\/dags\/~\//,
  answer: (response) =>
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ dag_runs: [], task_instances: [], total_entries: 0 })),
};

interface Behind {
  readonly airflow: RunningAirflow;
  readonly engine: Engine;
  /** What our server has for its address. */
  readonly gate: GatedAirflow;
}
interface Trigger {
  readonly id: string;
  readonly dag_run_id: string;
  readonly state: string;
  readonly warnings: readonly { readonly code: string }[];
}
interface Shown {
  readonly id: string;
  readonly state: string;
  readonly engine_state: string | null;
}

const fleet = new Map<Generation, Behind>();
const directory = mkdtempSync(path.join(tmpdir(), "airfleet-not-run-"));
let server: Airfleet;

const behind = (generation: Generation): Behind => {
  const found = fleet.get(generation);
  if (found === undefined) throw new Error(`no Airflow ${generation}`);
  return found;
};

/** An Airflow 2 whose scheduler keeps a DAG as it first saw it, where others do so for ten seconds. */
const startForgetful = async (): Promise<RunningAirflow> => {
  const airflow = await startAirflow({ generation: 2 });
  await airflow.killComponent("scheduler", { graceMs: 4_000 });
  await airflow.startComponent("scheduler", { AIRFLOW__CORE__MIN_SERIALIZED_DAG_FETCH_INTERVAL: "3600" });
  return airflow;
};

beforeAll(async () => {
  const airflows = { 2: await startForgetful(), 3: await takeAirflow(3) };
  for (const generation of GENERATIONS) {
    const airflow = airflows[generation];
    const gate = await startGatedAirflow(airflow.url, NOTHING_IN_LISTS);
    gate.open();
    fleet.set(generation, { airflow, engine: hostOf(airflow).open({}), gate });
  }
  const instances = [...fleet].map(
    ([
      generation,
      {
        airflow: { username, password },
        gate,
      },
    ]) => ({
      id: `af${generation}`,
      url: gate.url,
      auth: { type: "basic", username, password },
    }),
  );
  writeFileSync(path.join(directory, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  server = await startAirfleet({ source: { cwd: directory, env: {}, flags: { port: 0 } }, logger: memoryLogger([]) });
});
afterAll(async () => {
  await server.close();
  for (const { airflow, engine, gate } of fleet.values()) {
    await gate[Symbol.asyncDispose]();
    await engine.close();
    await airflow[Symbol.asyncDispose]();
  }
  rmSync(directory, { recursive: true, force: true });
});

const unique = (): string => randomBytes(5).toString("hex");

const ask = async <Answer>(route: string, body?: unknown): Promise<Answer> => {
  const headers = { "content-type": "application/json", prefer: "wait=25" };
  const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(`${server.url}/api/v1${route}`, init);
  const read: unknown = await answer.json();
  expect({ route, status: answer.status, read }).toMatchObject({ status: expect.toSatisfy((code) => code < 300) });
  return read as Answer;
};

const trigger = async (generation: Generation, dagId: string): Promise<Trigger> => {
  const asked = { instances: [`af${generation}`], dag_id: dagId, conf: {} };
  const { items } = await ask<{ items: readonly [Trigger] }>("/triggers", asked);
  expect(items[0]).toMatchObject({ state: "accepted" });
  return items[0];
};

const shown = async (generation: Generation, runId: string): Promise<Shown | undefined> =>
  (await ask<{ items: readonly Shown[] }>(`/runs?instance=af${generation}&run_id=${runId}`)).items[0];

const isShown = (
  generation: Generation,
  runId: string,
  wanted: Partial<Shown>,
  patience: typeof PATIENCE = PATIENCE,
): Promise<void> => vi.waitFor(async () => expect(await shown(generation, runId)).toMatchObject(wanted), patience);

const codesOf = async ({ id }: Trigger): Promise<readonly string[]> =>
  (await ask<Trigger>(`/triggers/${id}`)).warnings.map(({ code }) => code);

/** Whether a task of the run waits to be rescheduled; false when Airflow saw sooner that the file is gone. */
const isCaught = (engine: Engine, run: RunAddress): Promise<boolean> =>
  vi
    .waitFor(async () => {
      const tasks = await engine.listTaskInstances({ runs: [run] });
      if (!tasks.some(({ state }) => state === "up_for_reschedule")) throw new Error("it does not wait yet");
      return true;
    }, CAUGHT_WITHIN)
    .catch(() => false);

const acceptedInVain = async (): Promise<Trigger> => {
  const { airflow, engine } = behind(3);
  const { files } = hostOf(airflow);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const dagId = toDagId(`af_gone_${unique()}`);
    await files?.write(dagId);
    await vi.waitFor(async () => expect(await engine.getDagDetail(dagId)).toMatchObject({ isStale: false }), PATIENCE);
    await files?.remove(dagId);
    const accepted = await trigger(3, dagId);
    if (await isCaught(engine, { dagId, runId: toRunId(accepted.dag_run_id) })) return accepted;
  }
  throw new Error(`no run of ${ATTEMPTS} hangs`);
};

describe("a run that a real Airflow 3 accepted while the file of its DAG had just gone", () => {
  test("is said to hang, and never to have ended", async () => {
    const accepted = await acceptedInVain();
    await vi.waitFor(
      async () => expect(await codesOf(accepted)).toEqual(expect.arrayContaining(["DAG_STALE", "RUN_HANGS"])),
      PATIENCE,
    );
    expect(await shown(3, accepted.dag_run_id)).toMatchObject({ state: "running", engine_state: "running" });
    const { id } = (await shown(3, accepted.dag_run_id)) ?? { id: "" };
    await ask(`/runs/${id}/stop`, {});
    await isShown(3, accepted.dag_run_id, { state: "cancelled", engine_state: "failed" });
  });
});

const source = (dagId: string, taskId: string): string => `
from datetime import datetime, timezone

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(dag_id="${dagId}", start_date=datetime(2024, 1, 1, tzinfo=timezone.utc), schedule=None, catchup=False,
         is_paused_upon_creation=False, doc_md="has ${taskId}"):
    BashOperator(task_id="${taskId}", bash_command="true")
`;

describe("a run of a real Airflow 2 whose scheduler knew the DAG as it was before its tasks were renamed", () => {
  test("failed, though it calls itself a success: all its tasks were removed", async () => {
    const { airflow, engine } = behind(2);
    const dagId = toDagId(`af_renamed_${unique()}`);
    const file = path.join(airflow.dagsFolder, `${dagId}.py`);
    const deploy = async (taskId: string): Promise<void> => {
      await writeFile(file, source(dagId, taskId));
      await vi.waitFor(
        async () => expect(await engine.getDagDetail(dagId)).toMatchObject({ docMd: `has ${taskId}` }),
        PATIENCE,
      );
    };
    await deploy("before");
    const first = await trigger(2, dagId);
    await isShown(2, first.dag_run_id, { state: "success", engine_state: "success" });
    await deploy("after");
    const second = await trigger(2, dagId);
    await isShown(2, second.dag_run_id, { state: "failed", engine_state: "success" });
    const tasks = await engine.listTaskInstances({ runs: [{ dagId, runId: toRunId(second.dag_run_id) }] });
    expect(tasks.map(({ state }) => state)).toEqual(["removed"]);
  });
});

describe.each(GENERATIONS)("what is posted about a run of a real Airflow %i", (generation) => {
  test("is a hint: the run is read by itself, and what Airflow says stands", async () => {
    const { engine, gate } = behind(generation);
    const run = { dagId: FIXTURES.ok, runId: toRunId(`af_posted_${unique()}`) };
    gate.close();
    try {
      await engine.trigger({ ...run, conf: {} });
      await vi.waitFor(async () => {
        if (!isTerminalRunState((await engine.getRun(run)).state)) throw new Error(`${run.runId} has not ended`);
      }, PATIENCE);
      const before = gate.refused();
      const message = { error: true, dag_complete: false, reason: "not so" };
      const posted = { dag_id: run.dagId, dag_run_id: run.runId, rikolti_message: message };
      expect(await ask(`/instances/af${generation}/reports`, posted)).toMatchObject({ accepted: 1, rejected: 0 });
      await isShown(generation, run.runId, { state: "success", engine_state: "success" }, CONFIRMED_WITHIN);
      const { id } = (await shown(generation, run.runId)) ?? { id: "" };
      const { items } = await ask<{ items: readonly unknown[] }>(`/runs/${id}/observations`);
      expect(items).toMatchObject([
        { source: "report", kind: "heard", state: "failed" },
        { source: "poll", kind: "read", state: "success", engine_state: "success" },
      ]);
      // The feed saw none of it, though it did not rest.
      await vi.waitFor(() => expect(gate.refused()).toBeGreaterThan(before), PATIENCE);
    } finally {
      gate.open();
    }
  });
});

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { createAirflowEngine } from "@airfleet/airflow";
import { createEmbeddedEngine, type StepRunner } from "@airfleet/embedded";
import type { Engine } from "@airfleet/engine";
import {
  InstanceConfig,
  isTerminalRunState,
  resolveInstanceConfig,
  toDagId,
  toInstanceId,
  toRunId,
} from "@airfleet/model";
import { type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { loadAverage, median, percentile, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

const DAG = "bench_empty";
/** Of our fixtures: one empty operator and two commands, so less than the four steps that we run. */
const AIRFLOW_DAG = "af_chain";
const CLI = path.join(import.meta.dirname, "../../packages/cli/src/main.ts");

/** Four steps in a row. Each waits for the one before; none reads rows. */
const PLAN = JSON.stringify({
  format: 1,
  pipeline: "bench",
  name: "Four empty steps in a row",
  dagId: DAG,
  duckdb: "1.5.6",
  tags: [],
  params: {},
  schedule: null,
  maxActiveRuns: 16,
  steps: ["a", "b", "c", "d"].map((id, index, ids) => ({
    id,
    node: id,
    label: id,
    module: "branch",
    type: "control",
    inputs: index === 0 ? [] : [{ name: "before", step: ids[index - 1], output: "on" }],
    outputs: ["on"],
    retry: null,
    timeoutSeconds: null,
    pool: null,
    queue: null,
    body: { kind: "branch", cases: [], otherwise: "on" },
  })),
});

/** Steps that take no time, as Airflow's empty operators and Dagster's empty ops: what is left is the engine. */
const emptyRunner = (): StepRunner => ({
  run: async () => ({ outputs: {}, rows_in: 0, rows_out: 0, seconds: 0, chosen: "on" }),
  close: async () => undefined,
});

/** From asking to a success that is read back; on the embedded engine it is on the disk by then. */
const timeRun = async (engine: Engine, dagId: string, lookMs: number): Promise<number> => {
  const run = { dagId: toDagId(dagId), runId: toRunId(`bench_${Date.now()}_${Math.random().toString(36).slice(2)}`) };
  const startedAt = performance.now();
  await engine.trigger({ ...run, conf: {} });
  for (;;) {
    const { state } = await engine.getRun(run);
    if (state === "success") return performance.now() - startedAt;
    if (isTerminalRunState(state)) throw new Error(`${dagId} has ended as ${state}`);
    await delay(lookMs);
  }
};

const timeRuns = async (engine: Engine, dagId: string, count: number, lookMs: number): Promise<number[]> => {
  const times: number[] = [];
  await timeRun(engine, dagId, lookMs);
  for (let index = 0; index < count; index += 1) times.push(await timeRun(engine, dagId, lookMs));
  return times;
};

const timeOurs = async (count: number): Promise<number[]> => {
  const directory = await mkdtemp(path.join(tmpdir(), "airfleet-bench-"));
  const engine = createEmbeddedEngine({
    instance: toInstanceId("local"),
    directory,
    version: "0.1.0",
    openRunner: emptyRunner,
  });
  try {
    await engine.deployPlan?.({ dagId: toDagId(DAG), text: PLAN, hash: "bench" });
    return await timeRuns(engine, DAG, count, 1);
  } finally {
    await engine.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** A server that has just started has yet to parse its DAGs. */
const untilKnown = async (engine: Engine): Promise<void> => {
  for (const end = Date.now() + 180_000; Date.now() < end; await delay(500)) {
    const known = await engine.listDags({ dagIdContains: AIRFLOW_DAG }).catch(() => undefined);
    if ((known?.items.length ?? 0) > 0) return;
  }
  throw new Error(`${AIRFLOW_DAG} was not parsed within 180 s`);
};

const timeAirflow = async (airflow: RunningAirflow, count: number): Promise<number[]> => {
  const { username, password } = airflow;
  const config = InstanceConfig.parse({ id: "bench", url: airflow.url, auth: { type: "basic", username, password } });
  const engine = createAirflowEngine({ config: resolveInstanceConfig(config, () => "") });
  try {
    await untilKnown(engine);
    return await timeRuns(engine, AIRFLOW_DAG, count, 100);
  } finally {
    await engine.close();
  }
};

const filter = (id: string): object => ({
  id,
  type: "transformer",
  data: { moduleId: "filter", config: { condition: "n > 0" } },
});

const timeOneShot = async (count: number): Promise<number[]> => {
  const directory = await mkdtemp(path.join(tmpdir(), "airfleet-bench-"));
  const nodes = [
    { id: "a", type: "extractor", data: { moduleId: "csv-extractor", config: { path: "rows.csv" } } },
    ...["b", "c", "d"].map(filter),
  ];
  const edges = [
    { source: "a", target: "b" },
    { source: "b", target: "c" },
    { source: "c", target: "d" },
  ];
  await writeFile(path.join(directory, "rows.csv"), "n\n1\n");
  await writeFile(path.join(directory, "four.json"), JSON.stringify({ name: "four", config: { nodes, edges } }));
  const times: number[] = [];
  try {
    for (let index = 0; index <= count; index += 1) {
      const startedAt = performance.now();
      const args = ["--conditions=@airfleet/source", CLI, "pipelines", "run", "./four.json", "-o", "json"];
      await promisify(execFile)(process.execPath, args, { cwd: directory });
      times.push(performance.now() - startedAt);
    }
    return times.slice(1);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** A run of four empty steps, durably recorded, beside real Airflows. */
export const embedded: Bench = {
  name: "embedded",
  claim: "A run of four empty steps costs milliseconds on the embedded engine",
  run: async ({ quick }) => {
    const rows: BenchRow[] = [];
    const ours = await timeOurs(quick ? 50 : 200);
    const p50 = median(ours);
    const shown = `${round(p50)} ms p50, ${round(percentile(ours, 0.95))} p95 (load ${loadAverage()})`;
    rows.push({
      what: "a run of four empty steps, durably recorded",
      ours: shown,
      baseline: "10 ms",
      ratio: p50 / 10,
      target: "≤ 1",
      reached: p50 <= 10,
    });
    for (const generation of [2, 3] as const) {
      await using airflow = await startAirflow({ generation, id: `bench-embedded-${generation}` });
      const theirs = median(await timeAirflow(airflow, quick ? 3 : 10));
      rows.push({
        what: `the same beside a real Airflow ${generation} (three tasks)`,
        ours: shown,
        baseline: `${round(theirs)} ms p50`,
        ratio: theirs / p50,
        target: "≥ 300",
        reached: theirs / p50 >= 300,
      });
    }
    const once = median(await timeOneShot(quick ? 3 : 10));
    rows.push({
      what: "airfleet pipelines run of four steps",
      ours: `${round(once)} ms p50`,
      baseline: "500 ms",
      ratio: once / 500,
      target: "≤ 1",
      reached: once <= 500,
    });
    return rows;
  },
};

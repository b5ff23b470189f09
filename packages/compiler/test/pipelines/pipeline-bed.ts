import { createHash, randomBytes } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { authorize, type RunningAirflow } from "@airfleet/tools-engines";
import { z } from "zod";
import { compilePlan, createModuleCatalogue, type PipelineSource, toAirflowFile } from "../../src/index.ts";

const RUNTIME = path.resolve(import.meta.dirname, "../../../../python/src/airfleet/runtime");
const Run = z.object({ state: z.string() });
const Tasks = z.object({
  task_instances: z.array(z.object({ task_id: z.string(), state: z.string().nullable(), try_number: z.int() })),
});
const Xcom = z.object({ value: z.unknown() });

/** Results of steps as tasks leave them. */
const Left = z.object({
  outputs: z.record(z.string(), z.object({ uri: z.string(), rows: z.int() })),
  rows_in: z.int(),
  rows_out: z.int(),
  chosen: z.string().nullable(),
});

/** What became of a run. */
export interface EndedRun {
  readonly state: string;
  readonly tasks: Readonly<Record<string, { readonly state: string | null; readonly tries: number }>>;
  left(task: string): Promise<z.infer<typeof Left>>;
  log(task: string): Promise<string>;
}

/** A place for pipelines on a running Airflow: files, triggers and readings, and nothing between the test and Airflow. */
export interface PipelineBed extends AsyncDisposable {
  /** Folder below which the workers may read and write. */
  readonly data: string;
  /** Compiles pipelines and puts their files where Airflow finds them; answers the hash of each. */
  deploy(...pipelines: readonly PipelineSource[]): Promise<readonly string[]>;
  run(pipeline: PipelineSource, conf?: unknown): Promise<EndedRun>;
  importErrors(): Promise<readonly string[]>;
}

const dagIdOf = ({ id }: PipelineSource): string => `pipeline_${id.replaceAll("-", "_")}`;

const PATIENCE_MS = 420_000;

const until = async <Value>(look: () => Promise<Value | undefined>, what: string): Promise<Value> => {
  const end = Date.now() + PATIENCE_MS;
  for (let delay = 200; ; delay = Math.min(delay * 1.5, 2_000)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${PATIENCE_MS / 1000} s`);
    await pause(delay);
  }
};

const runtimeName = async (): Promise<string> => {
  const hash = createHash("sha256");
  const files = await readdir(RUNTIME, { recursive: true });
  for (const file of files.filter((name) => name.endsWith(".py")).toSorted()) {
    hash.update(file).update(await readFile(path.join(RUNTIME, file)));
  }
  return `airfleet_runtime_${hash.digest("hex").slice(0, 12)}`;
};

export const openPipelineBed = async (airflow: RunningAirflow): Promise<PipelineBed> => {
  const { generation, url, dagsFolder } = airflow;
  const root = `${url}/api/v${generation === 2 ? 1 : 2}`;
  const data = path.join(path.dirname(dagsFolder), "home", "data");
  const folder = path.join(dagsFolder, `pipelines-${randomBytes(4).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  await mkdir(data, { recursive: true });
  await writeFile(path.join(folder, ".airflowignore"), "airfleet_runtime_*\n");
  const runtime = await runtimeName();
  await cp(RUNTIME, path.join(folder, runtime), {
    recursive: true,
    filter: (file) => !file.includes("__pycache__"),
  });
  const headers = { "content-type": "application/json", ...(await authorize(airflow)) };

  const ask = async (place: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${root}${place}`, { ...init, headers: { ...headers, accept: "application/json" } });
  const json = async (place: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await ask(place, init);
    if (!response.ok) throw new Error(`${place} answers ${response.status}: ${await response.text()}`);
    return await response.json();
  };

  const readLeft = async (place: string): Promise<z.infer<typeof Left>> => {
    const deserialize = generation === 2 ? "deserialize=false" : "stringify=false";
    const { value } = Xcom.parse(await json(`${place}/xcomEntries/return_value?${deserialize}`));
    if (typeof value !== "string") return Left.parse(value);
    // Airflow 2 shows the value as Python writes it.
    const text = value.replaceAll("'", '"').replaceAll("None", "null");
    return Left.parse(JSON.parse(text));
  };

  return {
    data,
    deploy: async (...pipelines) => {
      const hashes: string[] = [];
      for (const pipeline of pipelines) {
        const { plan, findings } = compilePlan(pipeline, { catalogue: createModuleCatalogue() });
        if (plan === null) throw new Error(JSON.stringify(findings));
        const { name, text, hash } = toAirflowFile(plan, { runtime });
        await writeFile(path.join(folder, name), text);
        hashes.push(hash);
      }
      for (const [index, pipeline] of pipelines.entries()) {
        await until(async () => {
          const response = await ask(`/dags/${dagIdOf(pipeline)}/details`);
          const text = await response.text();
          return response.ok && text.includes(hashes[index] ?? "") ? true : undefined;
        }, `${pipeline.name} being found`);
        await json(`/dags/${dagIdOf(pipeline)}`, { method: "PATCH", body: JSON.stringify({ is_paused: false }) });
      }
      return hashes;
    },
    run: async (pipeline, conf = {}) => {
      const runId = `test_${randomBytes(6).toString("hex")}+1`;
      const body = { dag_run_id: runId, conf, ...(generation === 2 ? {} : { logical_date: null }) };
      const place = `/dags/${dagIdOf(pipeline)}/dagRuns`;
      await json(place, { method: "POST", body: JSON.stringify(body) });
      const run = `${place}/${encodeURIComponent(runId)}`;
      const state = await until(async () => {
        const found = Run.parse(await json(run)).state;
        return found === "success" || found === "failed" ? found : undefined;
      }, `the end of a run of ${pipeline.name}`);
      const { task_instances: tasks } = Tasks.parse(await json(`${run}/taskInstances`));
      const known = new Map(tasks.map((task) => [task.task_id, task]));
      return {
        state,
        tasks: Object.fromEntries(tasks.map((task) => [task.task_id, { state: task.state, tries: task.try_number }])),
        left: (task) => readLeft(`${run}/taskInstances/${task}`),
        log: async (task) => {
          const number = Math.max(1, known.get(task)?.try_number ?? 1);
          const response = await ask(`${run}/taskInstances/${task}/logs/${number}?full_content=true`);
          return await response.text();
        },
      };
    },
    importErrors: async () => {
      const Errors = z.object({ import_errors: z.array(z.object({ filename: z.string(), stack_trace: z.string() })) });
      const found = Errors.parse(await json("/importErrors?limit=100"));
      return found.import_errors
        .filter(({ filename }) => filename.includes(path.basename(folder)))
        .map(({ filename, stack_trace: trace }) => `${filename}: ${trace}`);
    },
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true });
    },
  };
};

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ConfigurationSource, createConnectionFinder, loadConfiguration } from "@airfleet/control";
import type { Engine } from "@airfleet/engine";
import {
  AirfleetError,
  isTerminalRunState,
  type LogLine,
  type Plan,
  type RunAddress,
  type StepResult,
  type TaskInstance,
  toDagId,
  toInstanceId,
  toRunId,
} from "@airfleet/model";
import { pino } from "pino";
import { createLocalEngine } from "../composition/create-local-engine.ts";
import { type JudgedFile, judgePipelineFile } from "./judge-pipeline-file.ts";

export interface PipelineRunWish {
  readonly source: ConfigurationSource;
  /** What the file holds. */
  readonly file: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  /** Only this node and those that it needs. */
  readonly to?: string;
  readonly onLog: (step: string, line: LogLine) => void;
}

/** How a step of it went. */
export interface StepEnd {
  readonly task: TaskInstance;
  /** Null where it left none. */
  readonly result: StepResult | null;
}

export interface PipelineRunEnd {
  readonly judged: JudgedFile;
  /** Null when the file has errors: nothing was run. */
  readonly state: "success" | "failed" | null;
  readonly steps: readonly StepEnd[];
  readonly seconds: number;
}

const LOOK_MS = 10;
/** Who runs a file looks at it: what fails is not tried again behind their back unless the file says so. */
const NO_RETRY = { count: 0, delay_seconds: 0, multiplier: 1, max_delay_seconds: 0 };

/** The step of a node, and all that it needs. @throws {AirfleetError} REQUEST_INVALID */
const upTo = (plan: Plan, node: string | undefined): Plan => {
  if (node === undefined) return plan;
  const last = plan.steps.find((step) => step.node === node || step.id === node);
  if (last === undefined) {
    const known = plan.steps.map((step) => step.node).join(", ");
    throw new AirfleetError("REQUEST_INVALID", { summary: `to: there is no node "${node}"; there are ${known}` });
  }
  const wanted = new Set([last.id]);
  for (const step of plan.steps.toReversed()) {
    if (wanted.has(step.id)) for (const input of step.inputs) wanted.add(input.step);
  }
  return { ...plan, steps: plan.steps.filter(({ id }) => wanted.has(id)) };
};

/** Hands on the logs of all tries as they are written, until the run has ended. */
const follow = async (engine: Engine, run: RunAddress, onLog: PipelineRunWish["onLog"]): Promise<void> => {
  const followed = new Map<string, Promise<void>>();
  const read = async (task: TaskInstance, tryNumber: number): Promise<void> => {
    for await (const line of engine.readLog({ ...task, tryNumber, follow: true })) onLog(task.taskId, line);
  };
  for (let isOver = false; !isOver; ) {
    isOver = isTerminalRunState((await engine.getRun(run)).state);
    for (const task of await engine.listTaskInstances({ runs: [run] })) {
      const key = `${task.taskId} ${task.tryNumber}`;
      if (task.tryNumber > 0 && !followed.has(key)) followed.set(key, read(task, task.tryNumber));
    }
    if (!isOver) await delay(LOOK_MS);
  }
  await Promise.all(followed.values());
};

const runPlan = async (engine: Engine, plan: Plan, { params, onLog }: PipelineRunWish): Promise<readonly StepEnd[]> => {
  const run = { dagId: toDagId(plan.dagId), runId: toRunId(`once_${randomUUID()}`) };
  await engine.deployPlan?.({ dagId: run.dagId, text: JSON.stringify(plan), hash: run.runId });
  const conf = { pipeline_id: plan.pipeline, execution_id: run.runId, params, trigger_type: "manual" };
  await engine.trigger({ ...run, conf });
  await follow(engine, run, onLog);
  const results = await engine.readStepResults?.(run);
  const tasks = await engine.listTaskInstances({ runs: [run] });
  const places = new Map(plan.steps.map(({ id }, index) => [id, index]));
  return tasks
    .toSorted((left, right) => (places.get(left.taskId) ?? 0) - (places.get(right.taskId) ?? 0))
    .map((task) => ({ task, result: results?.get(task.taskId) ?? null }));
};

/**
 * Runs a pipeline from a file on this machine, to its end, and keeps nothing of it but what it wrote itself. Connections
 * come from the environment. Where `data.roots` says nothing, files below the working directory may be read and written.
 *
 * @throws {AirfleetError} what the configuration throws, CONF_INVALID, REQUEST_INVALID
 */
export const runPipelineFile = async (wish: PipelineRunWish): Promise<PipelineRunEnd> => {
  const { source, file } = wish;
  const startedAt = performance.now();
  const end = (judged: JudgedFile, steps: readonly StepEnd[], state: PipelineRunEnd["state"]): PipelineRunEnd => ({
    judged,
    steps,
    state,
    seconds: (performance.now() - startedAt) / 1_000,
  });
  const { settings } = loadConfiguration(source);
  const directory = mkdtempSync(path.join(tmpdir(), "airfleet-run-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  process.once("exit", remove);
  const roots = settings.data.roots.length === 0 ? ["."] : settings.data.roots;
  const engine = createLocalEngine({
    settings: { ...settings, data: { roots }, store: { ...settings.store, data_dir: directory } },
    cwd: source.cwd,
    findConnection: createConnectionFinder({ documents: { find: async () => undefined }, environment: source.env }),
    logger: pino({ level: "silent" }),
    retry: NO_RETRY,
  })({ id: toInstanceId("local") });
  try {
    const judged = await judgePipelineFile(source, file, "embedded");
    if (judged.artifact === null) return end(judged, [], null);
    const plan = upTo(JSON.parse(judged.artifact.text) as Plan, wish.to);
    const steps = await runPlan(engine, plan, wish);
    const hasFailed = steps.some(({ task: { state } }) => state === "failed" || state === "upstream_failed");
    return end(judged, steps, hasFailed ? "failed" : "success");
  } finally {
    await engine.close();
    process.off("exit", remove);
    remove();
  }
};

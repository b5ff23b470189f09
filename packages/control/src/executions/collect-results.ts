import type { NodeResult, RunAddress, StepResult, TaskInstance } from "@airfleet/model";
import type { ExecutionMetrics, ExecutionNews, StoredExecution } from "@airfleet/store";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { LogUseCases } from "../logs/log-use-cases.ts";
import { isAbsent, isInstanceTrouble } from "../runs/instance-trouble.ts";
import type { ExecutablePipelines, ExecutableStep } from "./execution-ports.ts";

interface CollectPorts {
  readonly registry: Pick<InstanceRegistry, "use">;
  readonly pipelines: Pick<ExecutablePipelines, "steps">;
  readonly logs: Pick<LogUseCases, "open">;
}

/** What was read of a run's steps. */
export interface StepReading {
  readonly tasks: readonly TaskInstance[];
  readonly results: ReadonlyMap<string, StepResult>;
}

/** Lines of a failed task's log that are kept with the execution. */
const TRACE_LINES = 40;
const AGAIN_MS = 5_000;
/** An instance that cannot be read is asked so often, less and less: for about an hour. */
const MOST_TRIES = 40;
const RARELY_MS = 120_000;

const secondsOf = ({ startedAt, endedAt }: TaskInstance): number | null => {
  if (startedAt === null || endedAt === null) return null;
  return Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1_000;
};

const bytesOf = ({ outputs }: StepResult): number =>
  Object.values(outputs).reduce((total, { bytes }) => total + bytes, 0);

const sum = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
};

/** What each node did, in the order of the pipeline where that is known. */
export const toMetrics = ({ tasks, results }: StepReading, steps: readonly ExecutableStep[]): ExecutionMetrics => {
  const order = new Map(steps.map(({ step }, index) => [step, index]));
  const labels = new Map(steps.map((one) => [one.step, one]));
  const byTask = Map.groupBy(tasks, ({ taskId }) => taskId as string);
  const ids = [...new Set([...byTask.keys(), ...results.keys()])].toSorted(
    (left, right) => (order.get(left) ?? steps.length) - (order.get(right) ?? steps.length),
  );
  const nodes = ids.map((step): NodeResult => {
    const task = byTask.get(step)?.at(-1);
    const result = results.get(step);
    return {
      step,
      node: labels.get(step)?.node ?? null,
      label: labels.get(step)?.label ?? null,
      state: task?.state ?? null,
      tryNumber: task?.tryNumber ?? null,
      rowsIn: result?.rows_in ?? null,
      rowsOut: result?.rows_out ?? null,
      bytes: result === undefined ? null : bytesOf(result),
      seconds: result?.seconds ?? (task === undefined ? null : secondsOf(task)),
      chosen: result?.chosen ?? null,
    };
  });
  // What came in from outside, and what went out: rows that pass from step to step are counted once.
  const isRead = (step: string): boolean => results.get(step)?.rows_in === 0;
  const isWritten = (step: string): boolean => Object.keys(results.get(step)?.outputs ?? {}).length === 0;
  return {
    nodes,
    rowsIn: sum(nodes.filter(({ step }) => isRead(step)).map(({ rowsOut }) => rowsOut)),
    rowsOut: sum(nodes.filter(({ step }) => results.has(step) && isWritten(step)).map(({ rowsOut }) => rowsOut)),
    bytes: sum(nodes.map(({ bytes }) => bytes)),
  };
};

const readSteps = async (execution: StoredExecution, { registry }: CollectPorts): Promise<StepReading> => {
  const { instance, dagId, runId } = execution;
  const address: RunAddress = { dagId, runId };
  return registry.use(instance, async (engine) => {
    const [tasks, results] = await Promise.all([
      engine.listTaskInstances({ runs: [address] }),
      engine.readStepResults?.(address) ?? new Map<string, StepResult>(),
    ]);
    return { tasks, results };
  });
};

const readTail = async (
  { instance, dagId, runId }: StoredExecution,
  { taskId, mapIndex, tryNumber }: TaskInstance,
  { logs }: CollectPorts,
): Promise<string | null> => {
  try {
    const { lines } = await logs.open({ instance, dagId, runId, taskId, mapIndex, tryNumber, tail: TRACE_LINES });
    const text: string[] = [];
    for await (const line of lines) text.push(line.text);
    return text.length === 0 ? null : text.join("\n");
  } catch (error) {
    if (!isInstanceTrouble(error)) throw error;
    return null;
  }
};

const explain = async (
  execution: StoredExecution,
  tasks: readonly TaskInstance[],
  ports: CollectPorts,
): Promise<StoredExecution["error"]> => {
  const [failed, ...more] = tasks
    .filter(({ state }) => state === "failed")
    .toSorted((left, right) => Date.parse(left.endedAt ?? "") - Date.parse(right.endedAt ?? ""));
  if (failed === undefined) return { code: null, message: "The run failed without a failed task.", trace: null };
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  const message = `Task "${failed.taskId}" failed at try ${failed.tryNumber}${others}.`;
  return { code: "TASK_FAILED", message, trace: await readTail(execution, failed, ports) };
};

/** Reads what the steps of a run that is over have left, and why it failed if it did. */
export const collectResults = async (execution: StoredExecution, ports: CollectPorts): Promise<ExecutionNews> => {
  const done: ExecutionNews = { stage: "done", againInMs: null };
  try {
    const [reading, steps] = await Promise.all([
      readSteps(execution, ports),
      ports.pipelines.steps(execution.pipeline, execution.revision),
    ]);
    const metrics = toMetrics(reading, steps);
    const isExplained = execution.status !== "failed" || execution.error !== null;
    return {
      ...done,
      stageNote: null,
      metrics,
      ...(isExplained ? {} : { error: await explain(execution, reading.tasks, ports) }),
    };
  } catch (error) {
    if (!isInstanceTrouble(error)) throw error;
    const stageNote = `what its steps left could not be read: ${error instanceof Error ? error.message : ""}`;
    if (isAbsent(error) || execution.attempts >= MOST_TRIES) return { ...done, stageNote };
    return { stage: "collecting", againInMs: Math.min(RARELY_MS, AGAIN_MS * execution.attempts), stageNote };
  }
};

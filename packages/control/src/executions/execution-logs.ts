import { isAirfleetError, type LogLine, type TaskInstance } from "@airfleet/model";
import type { StoredExecution } from "@airfleet/store";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { LogUseCases } from "../logs/log-use-cases.ts";
import { isInstanceTrouble } from "../runs/instance-trouble.ts";

/** What one try of a task wrote. */
export interface TaskLog {
  readonly task: string;
  readonly mapIndex: number;
  readonly tryNumber: number;
  readonly state: string | null;
  readonly source: "live" | "archive" | null;
  /** Only the last lines of it are here. */
  readonly isCut: boolean;
  readonly lines: readonly LogLine[];
  /** Why there are none. */
  readonly error: string | null;
}

export interface CollectedLogs {
  readonly execution: StoredExecution;
  readonly logs: readonly TaskLog[];
  /** Why the engine could not be asked for tasks. */
  readonly error: string | null;
}

interface LogPorts {
  readonly registry: Pick<InstanceRegistry, "use">;
  readonly logs: Pick<LogUseCases, "open">;
}

/** Logs that are read at once of one instance. */
const AT_ONCE = 4;

/** Every try of a task that has begun. */
const triesOf = ({ tryNumber }: TaskInstance): readonly number[] =>
  Array.from({ length: Math.max(0, tryNumber) }, (_, index) => index + 1);

/** The tasks of an execution's run with what each try of them wrote, in the order in which they began. */
export const readExecutionLogs = async (
  execution: StoredExecution,
  { lines: most, task }: { readonly lines: number; readonly task?: string },
  { registry, logs }: LogPorts,
): Promise<CollectedLogs> => {
  const { instance, dagId, runId } = execution;
  const readTry = async (one: TaskInstance, tryNumber: number): Promise<TaskLog> => {
    const { taskId, mapIndex } = one;
    const state = tryNumber === one.tryNumber ? one.state : null;
    const place = { task: taskId as string, mapIndex, tryNumber, state };
    try {
      // One more than is shown tells that there are more.
      const opened = await logs.open({ instance, dagId, runId, taskId, mapIndex, tryNumber, tail: most + 1 });
      const read: LogLine[] = [];
      for await (const line of opened.lines) read.push(line);
      return { ...place, source: opened.source, isCut: read.length > most, lines: read.slice(-most), error: null };
    } catch (error) {
      if (!isInstanceTrouble(error) || !isAirfleetError(error)) throw error;
      return { ...place, source: null, isCut: false, lines: [], error: error.message };
    }
  };

  let tasks: readonly TaskInstance[];
  try {
    tasks = await registry.use(instance, (engine) => engine.listTaskInstances({ runs: [{ dagId, runId }] }));
  } catch (error) {
    if (!isInstanceTrouble(error) || !isAirfleetError(error)) throw error;
    return { execution, logs: [], error: error.message };
  }
  const begun = tasks
    .filter(({ taskId, tryNumber }) => tryNumber > 0 && (task === undefined || taskId === task))
    .toSorted((left, right) => Date.parse(left.startedAt ?? "9999") - Date.parse(right.startedAt ?? "9999"));
  const wanted = begun.flatMap((one) => triesOf(one).map((tryNumber) => [one, tryNumber] as const));
  const collected: TaskLog[] = [];
  for (let start = 0; start < wanted.length; start += AT_ONCE) {
    const part = wanted.slice(start, start + AT_ONCE);
    collected.push(...(await Promise.all(part.map(([one, tryNumber]) => readTry(one, tryNumber)))));
  }
  return { execution, logs: collected, error: null };
};

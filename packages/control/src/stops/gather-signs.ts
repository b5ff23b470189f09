import type { Engine, ProcessTrace } from "@airfleet/engine";
import { isAirfleetError, type RunAddress, type RunKey, type StoppedTask, type TaskInstance } from "@airfleet/model";
import type { InboxRepository } from "@airfleet/store";
import type { Attempt } from "../actions/performer.ts";
import { endReport } from "./end-report.ts";
import type { TaskSigns } from "./judge-task.ts";
import type { LookAtProcess } from "./local-process.ts";
import { isUnderWay, keyOfTask } from "./task-snapshot.ts";

interface SignPorts {
  readonly reportedTasks: InboxRepository["reportedTasks"];
  readonly lookAtProcess: LookAtProcess;
}

interface Look {
  readonly run: RunAddress;
  readonly key: RunKey;
  /** Those that nothing is known of yet. */
  readonly open: readonly StoppedTask[];
  /** As last read from the engine. */
  readonly tasks: readonly TaskInstance[];
  readonly engine: Engine;
  readonly attempt: Attempt;
  /** Whether silence alone would do for this task by now, so that its log need not be read. */
  readonly needsLog: (task: StoppedTask) => boolean;
  /** Which look at this run it is, to take turns where there are many. */
  readonly turn: number;
}

/** Logs read at one look: they may be long, and the instance has other callers. */
const LOGS_PER_LOOK = 8;

/** What the log says; null when it cannot be had now. That is no trouble of the stop's: other signs may come. */
const readTrace = async ({ engine, run, attempt }: Look, task: StoppedTask): Promise<ProcessTrace | null> => {
  const { taskId, mapIndex, tryNumber, pid } = task;
  try {
    return (await engine.traceProcess?.({ ...run, taskId, mapIndex, tryNumber, pid }, attempt.call())) ?? null;
  } catch (error) {
    if (isAirfleetError(error)) return null;
    throw error;
  }
};

/** Tasks whose logs are read now: all of a small run, and of a large one each in its turn. */
const chooseLogs = ({ open, needsLog, turn }: Look): ReadonlySet<string> => {
  const wanted = open.filter(needsLog).map(keyOfTask);
  const start = wanted.length > LOGS_PER_LOOK ? (turn * LOGS_PER_LOOK) % wanted.length : 0;
  return new Set([...wanted.slice(start), ...wanted.slice(0, start)].slice(0, LOGS_PER_LOOK));
};

/** Looks at every task that nothing is known of yet: in what was reported, on this host, and in its log. */
export const gatherSigns = async (
  { reportedTasks, lookAtProcess }: SignPorts,
  look: Look,
): Promise<ReadonlyMap<string, TaskSigns>> => {
  const { open, tasks, key } = look;
  if (open.length === 0) return new Map();
  const reports = await reportedTasks.list(key);
  const read = new Map(tasks.map((task) => [keyOfTask(task), task]));
  const logs = chooseLogs(look);
  const signs = await Promise.all(
    open.map(async (task): Promise<readonly [string, TaskSigns]> => {
      const name = keyOfTask(task);
      const now = read.get(name);
      const startedAt = now?.startedAt === null || now === undefined ? null : Date.parse(now.startedAt);
      const local = await lookAtProcess({ ...task, startedAt, seen: task.seenProcess });
      const trace = logs.has(name) && local.state !== "gone" ? await readTrace(look, task) : null;
      const isRunning = now !== undefined && isUnderWay(now) && now.tryNumber === task.tryNumber;
      return [name, { reportedEndAt: endReport(reports, task), trace, local, isRunning }];
    }),
  );
  return new Map(signs);
};

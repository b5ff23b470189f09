import type { LogRequest, ProcessTrace, TaskQuery, TaskStateRequest, TraceRequest } from "@airfleet/engine";
import {
  AirfleetError,
  type LogLine,
  type RunAddress,
  StepResult,
  type TaskAddress,
  type TaskId,
  type TaskInstance,
  toTaskId,
} from "@airfleet/model";
import { fromMicrosOrNull } from "../instants.ts";
import { readLogFile } from "../logs/read-log.ts";
import { logFile } from "../logs/try-log.ts";
import { findRun } from "../runs/create-run.ts";
import { resetTasks } from "../runs/reset-tasks.ts";
import type { RunRow } from "../runs/run-row.ts";
import { type TaskRow, toTaskInstance, type TryRow } from "../tasks/task-row.ts";
import { type EnginePlace, knownRun, knownTask, noteAudit } from "./place.ts";

const stepOf = ({ shelf }: EnginePlace, run: RunRow, taskId: string) =>
  shelf.version(run.dag_id, run.version)?.steps.get(taskId);

export const listTaskInstances = (place: EnginePlace, { runs }: TaskQuery): readonly TaskInstance[] =>
  runs.flatMap(({ dagId, runId }) => {
    const run = findRun(place.database, dagId, runId);
    if (run === undefined) return [];
    return place.database
      .all<TaskRow>("select * from task_instances where run = ? order by task_id", run.id)
      .map((task) => toTaskInstance(run, task, task, stepOf(place, run, task.task_id)));
  });

export const getTaskInstance = (place: EnginePlace, address: TaskAddress): TaskInstance => {
  const { run, task } = knownTask(place, address);
  return toTaskInstance(run, task, task, stepOf(place, run, task.task_id));
};

const triesOf = ({ database }: EnginePlace, { run, task_id: taskId }: TaskRow): readonly TryRow[] =>
  database.all<TryRow>("select * from tries where run = ? and task_id = ? order by try_number", run, taskId);

export const listTries = (place: EnginePlace, address: TaskAddress): readonly TaskInstance[] => {
  const { run, task } = knownTask(place, address);
  const step = stepOf(place, run, task.task_id);
  const tries = triesOf(place, task).map((attempt) =>
    attempt.try_number === task.try_number && task.state !== "none"
      ? toTaskInstance(run, task, task, step)
      : toTaskInstance(run, attempt, task, step),
  );
  return tries.length === 0 ? [toTaskInstance(run, task, task, step)] : tries;
};

/** What a step left, by task. */
export const readStepResults = (place: EnginePlace, address: RunAddress): ReadonlyMap<TaskId, StepResult> => {
  const { id } = knownRun(place, address);
  const sql = "select task_id, result from task_instances where run = ? and result is not null order by place";
  const rows = place.database.all<{ task_id: string; result: string }>(sql, id);
  return new Map(rows.map((row) => [toTaskId(row.task_id), StepResult.parse(JSON.parse(row.result))]));
};

const unavailable = ({ taskId, tryNumber, dagId, runId }: LogRequest | TraceRequest): AirfleetError =>
  new AirfleetError("LOG_UNAVAILABLE", {
    task_id: taskId,
    try_number: tryNumber,
    dag_id: dagId,
    run_id: runId,
    reason: `try ${tryNumber} has written none.`,
  });

/**
 * The log of a try. Who follows one that has not begun waits for it, as long as it may still begin.
 *
 * @throws {AirfleetError} TASK_UNKNOWN, LOG_UNAVAILABLE
 */
export async function* readLog(place: EnginePlace, request: LogRequest, check: () => void): AsyncGenerator<LogLine> {
  const { task } = knownTask(place, request);
  const { tryNumber } = request;
  const address = { run: task.run, taskId: task.task_id, tryNumber };
  const isOpen = (): boolean => {
    const found = place.database.one<TaskRow>(
      "select * from task_instances where run = ? and task_id = ?",
      task.run,
      task.task_id,
    );
    const attempt = place.database.one<TryRow>(
      "select * from tries where run = ? and task_id = ? and try_number = ?",
      task.run,
      task.task_id,
      tryNumber,
    );
    if (attempt !== undefined) return attempt.gone_at === null;
    const mayBegin = found !== undefined && ["none", "scheduled", "up_for_retry"].includes(found.state);
    return mayBegin && found.try_number === tryNumber - 1;
  };
  let lines = 0;
  const file = logFile(place.database.directory, address);
  for await (const line of readLogFile({ file, isOpen, follow: request.follow ?? false, check })) {
    lines += 1;
    yield line;
  }
  if (lines === 0) throw unavailable(request);
}

/** Whether the processes of a try are known to be gone: the database says so once they are. */
export const traceProcess = async (place: EnginePlace, request: TraceRequest): Promise<ProcessTrace> => {
  const { task } = knownTask(place, request);
  const attempt = triesOf(place, task).find((one) => one.try_number === request.tryNumber);
  if (attempt === undefined) throw unavailable(request);
  const address = { run: task.run, taskId: task.task_id, tryNumber: request.tryNumber };
  const file = logFile(place.database.directory, address);
  let lines = 0;
  let last: LogLine | null = null;
  for await (const line of readLogFile({ file, isOpen: () => false, follow: false, check: () => undefined })) {
    lines += 1;
    last = line;
  }
  const gone = fromMicrosOrNull(attempt.gone_at);
  if (gone !== null) return { kind: "ended", at: gone, line: last?.text ?? "its processes are gone", lines };
  const isEnding = task.state !== "running" || task.try_number !== request.tryNumber;
  return isEnding
    ? { kind: "ending", at: fromMicrosOrNull(attempt.ended_at), line: "it is being ended", lines }
    : { kind: "silent", at: last?.at ?? null, line: null, lines };
};

/** Tasks that follow this one, near and far. */
const followersOf = (place: EnginePlace, run: RunRow, taskId: string): ReadonlySet<string> => {
  const downstream = place.shelf.version(run.dag_id, run.version)?.downstream;
  const found = new Set<string>();
  for (const open = [taskId]; ; ) {
    const id = open.pop();
    if (id === undefined) return found;
    for (const next of downstream?.get(id) ?? []) {
      if (!found.has(next)) open.push(next);
      found.add(next);
    }
  }
};

/** Gives a task a state. What its failure kept from running is run after all, as in Airflow. */
export const setTaskState = (place: EnginePlace, request: TaskStateRequest): void => {
  const { database, shelf, limits, at } = place;
  const id = database.transaction(() => {
    const { run, task } = knownTask(place, request);
    if (request.dryRun) return undefined;
    const { state } = request;
    const sql = `update tries set state = ?, ended_at = coalesce(ended_at, ?)
      where run = ? and task_id = ? and try_number = ? and gone_at is null`;
    database.run(sql, state, at(), run.id, task.task_id, task.try_number);
    database.run(
      `update task_instances set state = ?, retry_at = null, ended_at = coalesce(ended_at, ?)
       where run = ? and task_id = ?`,
      state,
      at(),
      run.id,
      task.task_id,
    );
    database.run("update runs set updated_at = ? where id = ?", at(), run.id);
    const followers = followersOf(place, run, task.task_id);
    const kept = database
      .all<TaskRow>("select * from task_instances where run = ? and state in ('failed', 'upstream_failed')", run.id)
      .filter((other) => followers.has(other.task_id));
    const plan = shelf.version(run.dag_id, run.version);
    resetTasks(database, run, { plan, usual: limits.retry, taskIds: kept.map((other) => other.task_id), at: at() });
    noteAudit(place, `set_task_${state}`, request);
    return run.id;
  });
  if (id !== undefined) place.wake(id);
};

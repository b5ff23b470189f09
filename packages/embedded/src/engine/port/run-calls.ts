import {
  type ClearRequest,
  type ClearResult,
  type Page,
  type RunQuery,
  type RunStateRequest,
  type TriggerRequest,
  WINDOW_ROWS,
} from "@airfleet/engine";
import { AirfleetError, isTerminalRunState, type Run, type RunAddress, toTaskId } from "@airfleet/model";
import type { SQLInputValue } from "node:sqlite";
import { toMicros } from "../instants.ts";
import { findRun, triggerRun } from "../runs/create-run.ts";
import { markRun } from "../runs/mark-run.ts";
import { resetTasks } from "../runs/reset-tasks.ts";
import { type RunRow, toRun } from "../runs/run-row.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import { PAGE_LIMIT } from "./dag-calls.ts";
import { type EnginePlace, knownPlan, knownRun, noteAudit } from "./place.ts";

/** Answered once the run survives a power cut; the work begins meanwhile. */
export const trigger = async (
  place: EnginePlace,
  request: TriggerRequest,
): Promise<{ readonly run: Run; readonly created: boolean; readonly existed?: boolean }> => {
  const { database, shelf, instance, at, limits } = place;
  const { row, created } = database.transaction(() => {
    const done = triggerRun(database, shelf.find(request.dagId), request, { instance, at: at(), usual: limits.retry });
    if (done.created) noteAudit(place, "trigger_dag_run", { dagId: request.dagId, runId: request.runId });
    return done;
  });
  if (created) place.wake();
  await database.synced();
  return created ? { run: toRun(row), created } : { run: toRun(row), created, existed: true };
};

export const getRun = (place: EnginePlace, address: RunAddress): Run => toRun(knownRun(place, address));

interface Filter {
  readonly where: readonly string[];
  readonly values: readonly SQLInputValue[];
}

const filterOf = ({ dagId, states, changedSince, window }: RunQuery): Filter => {
  const where: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...more: readonly SQLInputValue[]): void => {
    where.push(condition);
    values.push(...more);
  };
  if (dagId !== undefined) add("dag_id = ?", dagId);
  if (states !== undefined) add("state in (select value from json_each(?))", JSON.stringify(states));
  if (changedSince !== undefined) add("updated_at >= ?", toMicros(changedSince));
  if (window !== undefined) {
    const column = window.by === "runAfter" ? "run_after" : "logical_date";
    add(`${column} between ? and ?`, toMicros(window.from), toMicros(window.to));
  }
  return { where, values };
};

const toClause = (where: readonly string[]): string => (where.length === 0 ? "" : `where ${where.join(" and ")}`);

/** Where the feed of changes goes on: behind the last row's change. A row that changes meanwhile comes again, later. */
const parseToken = (token: string): readonly [number, number] => {
  const [change = "0", id = "0"] = token.split("-");
  return [Number(change), Number(id)];
};

export const listRuns = (place: EnginePlace, query: RunQuery): Page<Run> => {
  const { database, now } = place;
  if (query.dagId !== undefined) knownPlan(place, query.dagId);
  const most = query.window === undefined ? PAGE_LIMIT : WINDOW_ROWS;
  const limit = Math.min(query.limit ?? most, most);
  const { where, values } = filterOf(query);
  const isFeed = query.changedSince !== undefined;
  const total = database.one<{ n: number }>(`select count(*) n from runs ${toClause(where)}`, ...values)?.n ?? 0;
  const token = query.after === undefined ? null : parseToken(query.after);
  const position = token === null ? [] : [isFeed ? "(updated_at, id) > (?, ?)" : "id < ?"];
  const from: readonly SQLInputValue[] = token === null ? [] : isFeed ? token : [token[1]];
  const rows = database.all<RunRow>(
    `select * from runs ${toClause([...where, ...position])} order by ${isFeed ? "updated_at, id" : "id desc"} limit ?`,
    ...values,
    ...from,
    limit + 1,
  );
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return {
    items: items.map(toRun),
    next: last === undefined ? null : `${last.updated_at}-${last.id}`,
    total,
    answeredAt: Math.floor(now() / 1_000) * 1_000,
  };
};

const toClear = ({ database, instance }: EnginePlace, run: RunRow, request: ClearRequest): readonly TaskRow[] => {
  const tasks = database.all<TaskRow>("select * from task_instances where run = ? order by task_id", run.id);
  for (const taskId of request.taskIds ?? []) {
    if (tasks.some((task) => task.task_id === taskId)) continue;
    const { dagId, runId } = request;
    throw new AirfleetError("TASK_UNKNOWN", { task_id: taskId, map_index: -1, dag_id: dagId, run_id: runId, instance });
  }
  return tasks.filter(
    ({ task_id: taskId, state }) =>
      (request.taskIds === undefined || request.taskIds.some((id) => id === taskId)) &&
      (!request.onlyFailed || state === "failed" || state === "upstream_failed"),
  );
};

export const clear = (place: EnginePlace, request: ClearRequest): ClearResult => {
  const { database, shelf, limits, at } = place;
  const { tasks, run } = database.transaction(() => {
    const found = knownRun(place, request);
    const chosen = toClear(place, found, request);
    if (!request.dryRun && chosen.length > 0) {
      const taskIds = chosen.map((task) => task.task_id);
      const plan = shelf.version(found.dag_id, found.version);
      resetTasks(database, found, { plan, usual: limits.retry, taskIds, at: at() });
      noteAudit(place, "clear", request);
    }
    return { tasks: chosen, run: found };
  });
  if (!request.dryRun) place.wake(run.id);
  return {
    dryRun: request.dryRun,
    tasks: tasks.map((task) => ({ taskId: toTaskId(task.task_id), mapIndex: -1, stateBefore: task.state })),
  };
};

export const setRunState = async (place: EnginePlace, request: RunStateRequest): Promise<Run> => {
  const { database, at } = place;
  const row = database.transaction(() => {
    const run = knownRun(place, request);
    markRun(database, run, request.state, at());
    noteAudit(place, `set_run_${request.state}`, request);
    return findRun(database, request.dagId, request.runId) ?? run;
  });
  place.wake(row.id);
  await database.synced();
  return toRun(row);
};

/** @returns the run's number, whose folders go with it */
export const deleteRun = (place: EnginePlace, address: RunAddress): number =>
  place.database.transaction(() => {
    const run = knownRun(place, address);
    if (!isTerminalRunState(run.state)) {
      throw new AirfleetError("RUN_ACTIVE", { run_id: run.run_id, dag_id: run.dag_id, state: run.state });
    }
    place.database.run("delete from runs where id = ?", run.id);
    noteAudit(place, "delete_run", address);
    return run.id;
  });

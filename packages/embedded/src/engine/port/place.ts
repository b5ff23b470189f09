import type { CallOptions } from "@airfleet/engine";
import { AirfleetError, type InstanceId, type RunAddress, type TaskAddress } from "@airfleet/model";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Micros, Now } from "../instants.ts";
import type { PlanShelf, ShelvedPlan } from "../plans/plan-shelf.ts";
import { findRun } from "../runs/create-run.ts";
import type { RunRow } from "../runs/run-row.ts";
import type { TaskRow } from "../tasks/task-row.ts";
import type { EngineLimits } from "../work/limits.ts";

/** What the calls of the port work with. */
export interface EnginePlace {
  readonly instance: InstanceId;
  readonly version: string;
  readonly database: EngineDatabase;
  readonly shelf: PlanShelf;
  readonly limits: EngineLimits;
  readonly now: Now;
  readonly at: () => Micros;
  /** Something was written that may be work. */
  readonly wake: (run?: number) => void;
}

/** @throws {AirfleetError} DAG_UNKNOWN */
export const knownPlan = ({ shelf, instance }: EnginePlace, dagId: string): ShelvedPlan => {
  const found = shelf.find(dagId);
  if (found === undefined) throw new AirfleetError("DAG_UNKNOWN", { dag_id: dagId, instance });
  return found;
};

/** @throws {AirfleetError} RUN_UNKNOWN */
export const knownRun = ({ database, instance }: EnginePlace, { dagId, runId }: RunAddress): RunRow => {
  const found = findRun(database, dagId, runId);
  if (found === undefined) throw new AirfleetError("RUN_UNKNOWN", { dag_id: dagId, run_id: runId, instance });
  return found;
};

/** @throws {AirfleetError} TASK_UNKNOWN, also when its run is not there */
export const knownTask = (
  { database, instance }: EnginePlace,
  { dagId, runId, taskId, mapIndex }: TaskAddress,
): { readonly run: RunRow; readonly task: TaskRow } => {
  const run = findRun(database, dagId, runId);
  const sql = "select * from task_instances where run = ? and task_id = ?";
  const task = run === undefined || mapIndex !== -1 ? undefined : database.one<TaskRow>(sql, run.id, taskId);
  if (run === undefined || task === undefined) {
    const details = { task_id: taskId, map_index: mapIndex, dag_id: dagId, run_id: runId, instance };
    throw new AirfleetError("TASK_UNKNOWN", details);
  }
  return { run, task };
};

/** Notes what somebody asked for, within the caller's transaction. */
export const noteAudit = (
  { database, at }: EnginePlace,
  event: string,
  about: { readonly dagId?: string; readonly runId?: string; readonly taskId?: string },
): void => {
  const sql = "insert into audit (at, event, dag_id, run_id, task_id) values (?, ?, ?, ?, ?)";
  database.run(sql, at(), event, about.dagId ?? null, about.runId ?? null, about.taskId ?? null);
};

/** Throws when the caller has given up, or the call's time is over. */
export const checker = (
  { instance, now }: Pick<EnginePlace, "instance" | "now">,
  options: CallOptions | undefined,
  what: string,
): (() => void) => {
  const startedAt = now();
  const timeoutMs = options?.timeoutMs;
  return () => {
    options?.signal?.throwIfAborted();
    if (timeoutMs === undefined || now() - startedAt <= timeoutMs) return;
    throw new AirfleetError("INSTANCE_TIMEOUT", { instance, method: "read", path: what, timeout_ms: timeoutMs });
  };
};

import { isDeepStrictEqual } from "node:util";
import type { TriggerRequest } from "@airfleet/engine";
import { AirfleetError, checkNewRunId, type InstanceId, type NodeRetry, type RunType } from "@airfleet/model";
import type { EngineDatabase } from "../database/open-database.ts";
import { type Micros, toMicros } from "../instants.ts";
import { type LoadedPlan, retriesOf } from "../plans/loaded-plan.ts";
import type { ShelvedPlan } from "../plans/plan-shelf.ts";
import { DEFAULT_POOL } from "../tasks/task-row.ts";
import { checkParams } from "./params.ts";
import type { RunRow } from "./run-row.ts";

/** A run about to be written. */
interface NewRun {
  readonly runId: string;
  readonly type: RunType;
  readonly conf: string;
  readonly note: string | null;
  readonly logicalDate: Micros | null;
  readonly interval: { readonly start: Micros; readonly end: Micros } | null;
  readonly runAfter: Micros;
}

/** Writes a run and its tasks, within the caller's transaction. */
export const insertRun = (
  database: EngineDatabase,
  loaded: LoadedPlan,
  run: NewRun,
  { at, usual }: { readonly at: Micros; readonly usual: NodeRetry },
): void => {
  const { id } = database.one<{ id: number }>(
    `insert into runs (dag_id, run_id, version, state, type, conf, note, logical_date, interval_start, interval_end,
       run_after, queued_at, updated_at) values (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id`,
    loaded.plan.dagId,
    run.runId,
    loaded.version,
    run.type,
    run.conf,
    run.note,
    run.logicalDate,
    run.interval?.start ?? null,
    run.interval?.end ?? null,
    run.runAfter,
    at,
    at,
  ) as { id: number };
  for (const [place, step] of loaded.plan.steps.entries()) {
    database.run(
      "insert into task_instances (run, task_id, place, state, pool, max_tries) values (?, ?, ?, 'none', ?, ?)",
      id,
      step.id,
      place,
      step.pool ?? DEFAULT_POOL,
      retriesOf(step, usual).count,
    );
  }
};

/** The interval that Airflow gives a run by hand: the last one that was over by then, or no time at all. */
const intervalAt = ({ calendar }: LoadedPlan, logicalDate: Micros): NewRun["interval"] => {
  const end = calendar?.alignToPrevious(new Date(logicalDate / 1_000));
  const start = end === null || end === undefined ? null : calendar?.previous(end);
  if (end === null || end === undefined || start === null || start === undefined) {
    return { start: logicalDate, end: logicalDate };
  }
  return { start: start.getTime() * 1_000, end: end.getTime() * 1_000 };
};

export const findRun = (database: EngineDatabase, dagId: string, runId: string): RunRow | undefined =>
  database.one<RunRow>("select * from runs where dag_id = ? and run_id = ?", dagId, runId);

interface Triggered {
  readonly row: RunRow;
  readonly created: boolean;
}

/**
 * Starts a run by hand, exactly once: the run id is unique within its DAG, and a second asking for the same finds it.
 *
 * @throws {AirfleetError} what `Engine.trigger` throws
 */
export const triggerRun = (
  database: EngineDatabase,
  shelved: ShelvedPlan | undefined,
  request: TriggerRequest,
  { instance, at, usual }: { readonly instance: InstanceId; readonly at: Micros; readonly usual: NodeRetry },
): Triggered => {
  const { dagId, runId } = request;
  const { conf } = request;
  checkNewRunId(runId);
  const logicalDate = request.logicalDate === undefined ? null : toMicros(request.logicalDate);
  const asked =
    request.interval === undefined
      ? null
      : { start: toMicros(request.interval.start), end: toMicros(request.interval.end) };
  const runAfter = request.runAfter === undefined ? at : toMicros(request.runAfter);
  if (shelved === undefined || shelved.isRemoved) throw new AirfleetError("DAG_UNKNOWN", { dag_id: dagId, instance });
  const { loaded } = shelved;
  if (loaded === null)
    throw new AirfleetError("DAG_BROKEN", { dag_id: dagId, instance, reason: shelved.mistake ?? "" });
  checkParams(loaded.plan, conf);
  return database.transaction(() => {
    const known = findRun(database, dagId, runId);
    if (known !== undefined) {
      if (known.logical_date === logicalDate && isDeepStrictEqual(JSON.parse(known.conf), plain(conf))) {
        return { row: known, created: false };
      }
      throw new AirfleetError("RUN_ID_TAKEN", { dag_id: dagId, run_id: runId, instance });
    }
    if (logicalDate !== null) {
      const taken = database.one("select 1 from runs where dag_id = ? and logical_date = ?", dagId, logicalDate);
      if (taken !== undefined) {
        const details = { dag_id: dagId, instance, logical_date: request.logicalDate ?? "" };
        throw new AirfleetError("LOGICAL_DATE_TAKEN", details);
      }
    }
    const interval = asked ?? (logicalDate === null ? null : intervalAt(loaded, logicalDate));
    const text = JSON.stringify(conf);
    const run = {
      runId,
      type: "manual",
      conf: text,
      note: request.note ?? null,
      logicalDate,
      interval,
      runAfter,
    } as const;
    insertRun(database, loaded, run, { at, usual });
    return { row: findRun(database, dagId, runId) as RunRow, created: true };
  });
};

/** As it comes back from the file, where `undefined` and the like are no more. */
const plain = (conf: object): unknown => JSON.parse(JSON.stringify(conf));

import type { ClearedTask } from "@airfleet/engine";
import {
  fromAirflowRunState,
  fromAirflowTaskState,
  type Run,
  type TaskInstance,
  toDagId,
  toRunId,
  toTaskId,
} from "@airfleet/model";
import { z } from "zod";
import { toInstantOrNull } from "../instant.ts";
import { toConf, toRunType } from "../run-fields.ts";

const time = z.string().nullish();
const cursor = z.string().nullish();

/** A run of Airflow 3. */
export const RunShape = z
  .object({
    dag_id: z.string(),
    dag_run_id: z.string(),
    state: z.string(),
    run_type: z.string(),
    logical_date: time,
    data_interval_start: time,
    data_interval_end: time,
    run_after: time,
    queued_at: time,
    start_date: time,
    end_date: time,
    conf: z.unknown(),
    note: z.string().nullish(),
    triggering_user_name: z.string().nullish(),
    dag_versions: z.array(z.object({ version_number: z.number() })).nullish(),
  })
  .transform(
    (run): Run => ({
      dagId: toDagId(run.dag_id),
      runId: toRunId(run.dag_run_id),
      state: fromAirflowRunState(run.state),
      engineState: run.state,
      type: toRunType(run.run_type),
      logicalDate: toInstantOrNull(run.logical_date),
      intervalStart: toInstantOrNull(run.data_interval_start),
      intervalEnd: toInstantOrNull(run.data_interval_end),
      runAfter: toInstantOrNull(run.run_after),
      queuedAt: toInstantOrNull(run.queued_at),
      startedAt: toInstantOrNull(run.start_date),
      endedAt: toInstantOrNull(run.end_date),
      conf: toConf(run.conf),
      note: run.note ?? null,
      triggeredBy: run.triggering_user_name ?? null,
      versionNumbers: (run.dag_versions ?? []).map(({ version_number }) => version_number),
    }),
  );

/** `total_entries` may be null in cursor mode. */
export const RunsShape = z
  .object({ dag_runs: z.array(RunShape), total_entries: z.number().nullish(), next_cursor: cursor })
  .transform(({ dag_runs, total_entries, next_cursor }) => ({
    rows: dag_runs,
    total: total_entries ?? null,
    nextCursor: next_cursor ?? null,
  }));

/** A task instance of Airflow 3, or one of its tries. */
export const TaskInstanceShape = z
  .object({
    dag_id: z.string(),
    dag_run_id: z.string(),
    task_id: z.string(),
    map_index: z.number(),
    task_display_name: z.string().nullish(),
    state: z.string().nullable(),
    try_number: z.number(),
    max_tries: z.number().nullish(),
    operator: z.string().nullish(),
    operator_name: z.string().nullish(),
    pool: z.string().nullish(),
    queue: z.string().nullish(),
    hostname: z.string().nullish(),
    pid: z.number().nullish(),
    queued_when: time,
    start_date: time,
    end_date: time,
    duration: z.number().nullish(),
    note: z.string().nullish(),
  })
  .transform(
    (task): TaskInstance => ({
      dagId: toDagId(task.dag_id),
      runId: toRunId(task.dag_run_id),
      taskId: toTaskId(task.task_id),
      mapIndex: task.map_index,
      displayName: task.task_display_name ?? task.task_id,
      state: fromAirflowTaskState(task.state),
      engineState: task.state,
      tryNumber: task.try_number,
      maxTries: task.max_tries ?? 0,
      operator: task.operator_name ?? task.operator ?? null,
      pool: task.pool ?? null,
      queue: task.queue ?? null,
      // "" until a worker has it.
      hostname: task.hostname === "" ? null : (task.hostname ?? null),
      pid: task.pid ?? null,
      queuedAt: toInstantOrNull(task.queued_when),
      startedAt: toInstantOrNull(task.start_date),
      endedAt: toInstantOrNull(task.end_date),
      durationSeconds: task.duration ?? null,
      note: task.note ?? null,
    }),
  );

export const TaskInstancesShape = z
  .object({ task_instances: z.array(TaskInstanceShape), total_entries: z.number().nullish(), next_cursor: cursor })
  .transform(({ task_instances, total_entries, next_cursor }) => ({
    rows: task_instances,
    total: total_entries ?? null,
    nextCursor: next_cursor ?? null,
  }));

/** What a clear answers. Only a dry run's states are those before it; a real one shows them cleared already. */
export const ClearedShape = TaskInstancesShape.transform(({ rows, total }) => ({
  rows: rows.map((task): ClearedTask => ({ taskId: task.taskId, mapIndex: task.mapIndex, stateBefore: task.state })),
  total,
  nextCursor: null,
}));

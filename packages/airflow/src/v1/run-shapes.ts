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

/** A run of Airflow 2. It has no `run_after`: a manual run starts at its logical date, others after their interval. */
export const RunShape = z
  .object({
    dag_id: z.string(),
    dag_run_id: z.string(),
    state: z.string(),
    run_type: z.string(),
    execution_date: time,
    logical_date: time,
    data_interval_start: time,
    data_interval_end: time,
    start_date: time,
    end_date: time,
    conf: z.unknown(),
    note: z.string().nullish(),
  })
  .transform((run): Run => {
    const type = toRunType(run.run_type);
    const logicalDate = toInstantOrNull(run.logical_date ?? run.execution_date);
    const intervalEnd = toInstantOrNull(run.data_interval_end);
    return {
      dagId: toDagId(run.dag_id),
      runId: toRunId(run.dag_run_id),
      state: fromAirflowRunState(run.state),
      engineState: run.state,
      type,
      logicalDate,
      intervalStart: toInstantOrNull(run.data_interval_start),
      intervalEnd,
      runAfter: type === "manual" ? logicalDate : intervalEnd,
      queuedAt: null,
      startedAt: toInstantOrNull(run.start_date),
      endedAt: toInstantOrNull(run.end_date),
      conf: toConf(run.conf),
      note: run.note ?? null,
      triggeredBy: null,
      versionNumbers: [],
    };
  });

export const RunsShape = z
  .object({ dag_runs: z.array(RunShape), total_entries: z.number() })
  .transform(({ dag_runs, total_entries }) => ({ rows: dag_runs, total: total_entries, nextCursor: null }));

/** A task instance of Airflow 2, or one of its tries. */
export const TaskInstanceShape = z
  .object({
    dag_id: z.string(),
    dag_run_id: z.string(),
    task_id: z.string(),
    map_index: z.number().nullish(),
    task_display_name: z.string().nullish(),
    state: z.string().nullish(),
    try_number: z.number().nullish(),
    max_tries: z.number().nullish(),
    operator: z.string().nullish(),
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
      mapIndex: task.map_index ?? -1,
      displayName: task.task_display_name ?? task.task_id,
      state: fromAirflowTaskState(task.state ?? null),
      engineState: task.state ?? null,
      tryNumber: task.try_number ?? 0,
      maxTries: task.max_tries ?? 0,
      operator: task.operator ?? null,
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

/** The list; the tries of older minors stand under `task_instances_history`. */
export const TaskInstancesShape = z
  .union([
    z.object({ task_instances: z.array(TaskInstanceShape), total_entries: z.number() }),
    z
      .object({ task_instances_history: z.array(TaskInstanceShape), total_entries: z.number() })
      .transform(({ task_instances_history, total_entries }) => ({
        task_instances: task_instances_history,
        total_entries,
      })),
  ])
  .transform(({ task_instances, total_entries }) => ({ rows: task_instances, total: total_entries, nextCursor: null }));

/** What a clear answers: addresses only, without map index, state or total. */
export const ClearedShape = z
  .object({ task_instances: z.array(z.object({ task_id: z.string() })) })
  .transform(({ task_instances }) => ({
    rows: task_instances.map(
      ({ task_id }): ClearedTask => ({ taskId: toTaskId(task_id), mapIndex: null, stateBefore: null }),
    ),
    total: task_instances.length,
    nextCursor: null,
  }));

import type { ExecutionView } from "@airfleet/contract";
import type { CollectedLogs, ExecutionTicket, PipelineWebhook } from "@airfleet/control";
import type { StoredExecution } from "@airfleet/store";
import { toInstant } from "./instants.ts";

const durationOf = (startedAt: string | null, completedAt: string | null): number | null => {
  if (startedAt === null || completedAt === null) return null;
  return Math.max(0, Math.floor((Date.parse(completedAt) - Date.parse(startedAt)) / 1_000));
};

/** The engine's own spelling of an instant may lack what RFC 3339 asks for. */
const toOwnInstant = (text: string | null): string | null => (text === null ? null : new Date(text).toISOString());

export const toExecutionView = (execution: StoredExecution): ExecutionView => {
  const { id, startedAt, completedAt, error, metrics } = execution;
  return {
    id,
    pipeline_id: execution.pipeline,
    triggered_by: execution.triggeredBy,
    status: execution.status,
    trigger_type: execution.triggerType,
    started_at: toOwnInstant(startedAt),
    completed_at: toOwnInstant(completedAt),
    duration_seconds: durationOf(startedAt, completedAt),
    params: { ...execution.params },
    result: execution.result === null ? null : { ...execution.result },
    error_code: error?.code ?? null,
    error_message: error?.message ?? null,
    error_trace: error?.trace ?? null,
    logs: [],
    metrics: {
      rows_in: metrics?.rowsIn ?? null,
      rows_out: metrics?.rowsOut ?? null,
      bytes: metrics?.bytes ?? null,
      nodes: (metrics?.nodes ?? []).map(({ tryNumber, rowsIn, rowsOut, ...node }) => ({
        ...node,
        try_number: tryNumber,
        rows_in: rowsIn,
        rows_out: rowsOut,
      })),
    },
    airflow_dag_run_id: execution.runId,
    celery_task_id: id,
    instance: execution.instance,
    dag_id: execution.dagId,
    run: execution.runKey,
    trigger_id: execution.trigger,
    schedule_id: execution.schedule,
    revision: execution.revision,
    artifact_hash: execution.artifactHash,
    engine_state: execution.engineState,
    stage: execution.stage,
    note: execution.stageNote,
    cancelled_by: execution.cancelledBy,
    created_at: toInstant(execution.createdAt),
    updated_at: toInstant(execution.updatedAt),
  };
};

/** As older servers answer; the durable work is the execution itself. */
export const toStartedView = ({ execution }: ExecutionTicket) => ({
  pipeline_id: execution.pipeline,
  celery_task_id: execution.id,
  status: "pending" as const,
  message: "Pipeline execution task submitted to Celery",
  execution_id: execution.id,
});

export const toWorkView = ({ id, status }: StoredExecution, message: string) => ({
  execution_id: id,
  celery_task_id: id,
  message,
  status,
});

export const toLogsView = ({ execution, logs, error }: CollectedLogs) => ({
  execution_id: execution.id,
  logs: logs.map(({ task, mapIndex, tryNumber, state, source, isCut, lines, error: trouble }) => ({
    task,
    map_index: mapIndex,
    try_number: tryNumber,
    state,
    source,
    is_cut: isCut,
    lines: lines.map(({ at, level, text }) => ({ at, level, text })),
    error: trouble,
  })),
  error,
});

export const toPipelineWebhookView = ({ pipeline, token, secret, place, isSigned, createdAt }: PipelineWebhook) => ({
  pipeline_id: pipeline,
  path: `/api/v1/pipelines/${encodeURIComponent(pipeline)}/webhook/${token}`,
  secret,
  require_signature: isSigned,
  instance: place.instance ?? null,
  environment: place.environment ?? null,
  created_at: toInstant(createdAt),
});

import {
  type ExecutionStatus,
  type ExecutionTrigger,
  toDagId,
  toInstanceId,
  toRunId,
  toRunKey,
  toTriggerId,
} from "@airfleet/model";
import type { Selectable } from "kysely";
import type { EventNote } from "../events/events.ts";
import type { SealedPlace, SecretBox } from "../secrets/secret-box.ts";
import { fromJson, type JsonObject, objectFromJsonOrNull } from "../text/stored-json.ts";
import type { ExecutionMetrics, ExecutionStage, StoredExecution } from "./execution-repository.ts";
import type { ExecutionTable } from "./execution-tables.ts";

/** The place that an execution's parameters are encrypted for. */
export const executionParamsPlace = (id: string): SealedPlace => ({ table: "executions", row: id, field: "params" });

export const toExecution = (row: Selectable<ExecutionTable>, box: SecretBox): StoredExecution => ({
  id: row.id,
  pipeline: row.pipeline_id,
  revision: row.revision,
  artifactHash: row.artifact_hash,
  instance: toInstanceId(row.instance_id),
  dagId: toDagId(row.dag_id),
  runId: toRunId(row.run_id),
  runKey: toRunKey(row.run_key),
  trigger: row.trigger_id === null ? null : toTriggerId(row.trigger_id),
  schedule: row.schedule_id,
  tick: row.tick,
  triggerType: row.trigger_type as ExecutionTrigger,
  triggeredBy: row.triggered_by,
  isDiscovered: row.is_discovered === 1,
  status: row.status as ExecutionStatus,
  stage: row.stage as ExecutionStage,
  stageNote: row.stage_note,
  startedAt: row.started_at,
  completedAt: row.completed_at,
  params: row.sealed_params === null ? {} : (box.open(executionParamsPlace(row.id), row.sealed_params) as JsonObject),
  engineState: row.engine_state,
  result: objectFromJsonOrNull(row.result),
  error:
    row.error_message === null ? null : { code: row.error_code, message: row.error_message, trace: row.error_trace },
  metrics: fromJson(row.metrics) as ExecutionMetrics | null,
  cancelledBy: row.cancelled_by,
  cancelledAt: row.cancelled_at,
  attempts: row.attempts,
  deadlineAt: row.deadline_at,
  requestHash: row.request_hash,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** `execution.changed`: enough to decide whether to look closer, nothing of the parameters. */
export const executionChanged = (
  row: Pick<
    ExecutionTable,
    | "id"
    | "pipeline_id"
    | "instance_id"
    | "dag_id"
    | "run_id"
    | "run_key"
    | "status"
    | "trigger_type"
    | "schedule_id"
    | "started_at"
    | "completed_at"
    | "error_code"
  >,
  before: string | null,
): EventNote => ({
  kind: "execution.changed",
  instance: row.instance_id,
  dagId: row.dag_id,
  runId: row.run_id,
  payload: {
    id: row.id,
    pipeline_id: row.pipeline_id,
    status: row.status,
    before,
    trigger_type: row.trigger_type,
    schedule_id: row.schedule_id,
    run: row.run_key,
    started_at: row.started_at,
    completed_at: row.completed_at,
    error: row.error_code,
  },
});

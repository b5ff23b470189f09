import { type DeploymentState, toDagId, toInstanceId } from "@airfleet/model";
import type { Selectable } from "kysely";
import { fromJson, objectFromJson, textsFromJson } from "../text/stored-json.ts";
import type {
  ArtifactLine,
  DeploymentError,
  DeploymentOrigin,
  DeploymentProgress,
  StoredArtifact,
  StoredDeployment,
} from "./deployment-repository.ts";
import type { ArtifactTable, DeploymentTable } from "./deployment-tables.ts";

export const toArtifact = (row: Selectable<ArtifactTable>): StoredArtifact => ({
  id: row.id,
  kind: row.kind as StoredArtifact["kind"],
  pipelineId: row.pipeline_id,
  pipelineName: row.pipeline_name,
  revision: row.revision,
  planHash: row.plan_hash,
  hash: row.hash,
  dagId: toDagId(row.dag_id),
  fileName: row.file_name,
  body: row.body,
  lines: fromJson(row.lines) as ArtifactLine[],
  taskIds: textsFromJson(row.task_ids),
  runtime: row.runtime,
  createdAt: row.created_at,
});

export const toDeployment = (row: Selectable<DeploymentTable>): StoredDeployment => ({
  id: row.id,
  pipelineId: row.pipeline_id,
  revision: row.revision,
  planHash: row.plan_hash,
  artifactId: row.artifact_id,
  artifactHash: row.artifact_hash,
  instance: toInstanceId(row.instance_id),
  dagId: toDagId(row.dag_id),
  generation: row.generation,
  state: row.state as DeploymentState,
  origin: row.origin as DeploymentOrigin,
  requestedBy: row.requested_by,
  isNew: row.is_new === 1,
  tasksChanged: row.tasks_changed === 1,
  stateTimes: objectFromJson(row.state_times),
  error: row.error === null ? null : (objectFromJson(row.error) as unknown as DeploymentError),
  target: row.target,
  targetRevision: row.target_revision,
  progress: objectFromJson(row.progress) as unknown as DeploymentProgress,
  dueAt: row.due_at,
  rowVersion: row.row_version,
  createdAt: row.created_at,
  changedAt: row.changed_at,
});

/** How a deployment begins. */
export const NO_PROGRESS: DeploymentProgress = {
  parsedAt: null,
  erredAt: null,
  reads: 0,
  nudgedAt: null,
  looks: 0,
  tries: 0,
};

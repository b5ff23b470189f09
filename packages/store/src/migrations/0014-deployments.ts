import type { BackendProfile } from "../backend/profile.ts";

/**
 * What was made of pipelines, and where it was brought.
 *
 * An artifact never changes; a runtime is the package that artifacts of one time stand on, kept so that an old artifact
 * can be brought back by a newer server. `generation` orders the deployments of a DAG on an instance, whatever clocks say;
 * `row_version` rises with each change, so that whoever lost a lease cannot write. `due_at` is null when nothing is left
 * to be done or looked at.
 */
export const deployments = ({ text, integer, tableEnd }: BackendProfile): readonly string[] => [
  `create table artifacts (
    id ${text} primary key,
    kind ${text} not null,
    pipeline_id ${text} not null,
    pipeline_name ${text} not null,
    revision ${integer} not null,
    plan_hash ${text} not null,
    hash ${text} not null,
    dag_id ${text} not null,
    file_name ${text} not null,
    body ${text} not null,
    lines ${text} not null,
    task_ids ${text} not null,
    runtime ${text},
    created_at ${integer} not null
  ) ${tableEnd}`,
  "create index artifacts_by_pipeline on artifacts (pipeline_id, created_at)",

  `create table runtimes (
    name ${text} primary key,
    files ${text} not null,
    created_at ${integer} not null
  ) ${tableEnd}`,

  `create table deployments (
    id ${text} primary key,
    pipeline_id ${text} not null,
    revision ${integer} not null,
    plan_hash ${text} not null,
    artifact_id ${text} not null,
    artifact_hash ${text} not null,
    instance_id ${text} not null,
    dag_id ${text} not null,
    generation ${integer} not null,
    state ${text} not null,
    origin ${text} not null,
    requested_by ${text} not null,
    is_new ${integer} not null,
    tasks_changed ${integer} not null,
    state_times ${text} not null,
    error ${text},
    target ${text},
    target_revision ${text},
    progress ${text} not null,
    due_at ${integer},
    row_version ${integer} not null,
    created_at ${integer} not null,
    changed_at ${integer} not null,
    unique (instance_id, dag_id, generation)
  ) ${tableEnd}`,
  "create index deployments_by_pipeline on deployments (pipeline_id, id)",
  "create index deployments_by_instance on deployments (instance_id, id)",
  "create index deployments_due on deployments (due_at, instance_id) where due_at is not null",
];

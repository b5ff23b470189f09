import type { BackendProfile } from "../backend/profile.ts";

/** Instances, how fresh we know them, and their DAGs. */
export const fleet = ({ text, integer, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table instances (
    id ${text} primary key,
    folded_id ${text} not null unique,
    config ${text} not null,
    sealed ${text} not null,
    version ${integer} not null,
    created_at ${integer} not null,
    updated_at ${integer} not null
  ) ${tableEnd}`,

  `create table known_instances (
    id ${text} primary key,
    source ${text} not null,
    enabled ${integer} not null,
    first_seen_at ${integer} not null,
    last_seen_at ${integer} not null
  ) ${tableEnd}`,

  `create table readings (
    instance_id ${text} not null,
    feed ${text} not null,
    attempted_at ${integer} not null,
    succeeded_at ${integer},
    duration_ms ${integer} not null,
    server_time ${integer},
    watermark ${text},
    error_code ${text},
    error_message ${text},
    error_at ${integer},
    primary key (instance_id, feed)
  ) ${tableEnd}`,

  `create table probes (
    instance_id ${text} primary key,
    result ${text},
    observed_at ${integer},
    breaker ${text} not null,
    breaker_until ${integer},
    breaker_at ${integer} not null
  ) ${tableEnd}`,

  `create table dags (
    dag_id ${text} not null,
    instance_id ${text} not null,
    display_name ${text} not null,
    description ${text},
    is_paused ${integer} not null,
    is_stale ${integer} not null,
    has_import_errors ${integer} not null,
    file ${text},
    file_token ${text},
    bundle ${text},
    owners ${text} not null,
    tags ${text} not null,
    schedule ${text},
    schedule_description ${text},
    next_run ${text},
    last_parsed_at ${text},
    max_active_runs ${integer},
    content_hash ${text} not null,
    first_seen_at ${integer} not null,
    observed_at ${integer} not null,
    gone_at ${integer},
    last_run_id ${text},
    last_run_state ${text},
    last_run_logical_date ${text},
    last_run_started_at ${text},
    last_run_ended_at ${text},
    last_run_observed_at ${integer},
    primary key (dag_id, instance_id)
  ) ${tableEnd}`,
  // A page of the fleet list without filters, or with common ones, is read from this index alone.
  `create index dags_live on dags (dag_id, instance_id, is_paused, has_import_errors, last_run_state)
    where gone_at is null`,
  "create index dags_by_instance on dags (instance_id, dag_id, gone_at)",
  "create index dags_by_pause on dags (is_paused, dag_id, instance_id) where gone_at is null",
  "create index dags_broken on dags (dag_id, instance_id) where has_import_errors = 1 and gone_at is null",
  `create index dags_by_run_state on dags (last_run_state, dag_id, instance_id)
    where last_run_state is not null and gone_at is null`,

  `create table dag_tags (
    tag ${text} not null,
    dag_id ${text} not null,
    instance_id ${text} not null,
    primary key (tag, dag_id, instance_id)
  ) ${clusteredTableEnd}`,
  "create index dag_tags_by_dag on dag_tags (instance_id, dag_id)",

  // What a text search looks through: small rows, so that a search which finds nothing stays bounded.
  `create table dag_texts (
    dag_id ${text} not null,
    instance_id ${text} not null,
    folded_text ${text} not null,
    primary key (dag_id, instance_id)
  ) ${clusteredTableEnd}`,

  `create table import_errors (
    instance_id ${text} not null,
    error_id ${text} not null,
    file ${text} not null,
    bundle ${text},
    stack_trace ${text} not null,
    at ${text},
    observed_at ${integer} not null,
    primary key (instance_id, error_id)
  ) ${tableEnd}`,
];

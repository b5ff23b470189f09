import type { BackendProfile } from "../backend/profile.ts";

/**
 * Pipelines and every version of them. `content` of a version is everything that people change, as JSON; the pipeline's
 * own row holds the newest. `pipeline_terms` has what a pipeline is found by: its tags, modules and connections. A removed pipeline stays, out of sight, until its deployments are gone.
 */
export const pipelines = ({ text, integer, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table pipelines (
    id ${text} primary key,
    name ${text} not null,
    description ${text},
    version ${text} not null,
    config ${text} not null,
    nodes ${integer} not null,
    schedule ${text},
    is_scheduled ${integer} not null,
    time_zone ${text} not null,
    status ${text} not null,
    tags ${text} not null,
    default_params ${text} not null,
    owner ${text},
    tenant ${text},
    environments ${text} not null,
    folded_text ${text} not null,
    revision ${integer} not null,
    plan_hash ${text},
    first_scheduled_at ${integer},
    created_by ${text} not null,
    created_at ${integer} not null,
    updated_at ${integer} not null,
    removed_at ${integer}
  ) ${tableEnd}`,
  "create index pipelines_by_age on pipelines (created_at, id) where removed_at is null",
  "create index pipelines_removed on pipelines (removed_at) where removed_at is not null",

  `create table pipeline_terms (
    kind ${text} not null,
    term ${text} not null,
    pipeline_id ${text} not null,
    primary key (kind, term, pipeline_id)
  ) ${clusteredTableEnd}`,
  "create index pipeline_terms_by_pipeline on pipeline_terms (pipeline_id)",

  `create table pipeline_versions (
    pipeline_id ${text} not null,
    revision ${integer} not null,
    content ${text} not null,
    plan_hash ${text},
    author ${text} not null,
    note ${text},
    created_at ${integer} not null,
    primary key (pipeline_id, revision)
  ) ${tableEnd}`,
];

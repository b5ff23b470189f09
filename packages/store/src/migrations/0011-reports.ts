import type { BackendProfile } from "../backend/profile.ts";

/**
 * Reports in every format: what is to be done with each until it is done (`waiting_reports`), and what they say of a run
 * (`reported_details`) and its tasks (`reported_tasks`) besides its state. These are known by the run's key, since a run may
 * be reported before it is known.
 */
export const reports = ({ text, integer, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `alter table reports add column format ${text} not null default 'rikolti'`,
  `alter table reports add column run_state ${text}`,
  "create index reports_by_instance on reports (instance_id, id)",

  `create table waiting_reports (
    report_id ${text} primary key,
    instance_id ${text} not null,
    run_key ${text} not null,
    content ${text} not null,
    received_at ${integer} not null
  ) ${tableEnd}`,

  `create table reported_details (
    run_key ${text} not null,
    part ${text} not null,
    value ${text} not null,
    category ${text},
    is_cut ${integer} not null,
    received_at ${integer} not null,
    primary key (run_key, part)
  ) ${tableEnd}`,
  "create index reported_details_by_time on reported_details (received_at)",

  `create table reported_tasks (
    run_key ${text} not null,
    task_id ${text} not null,
    map_index ${integer} not null,
    try_number ${integer} not null,
    state ${text} not null,
    started_at ${text},
    ended_at ${text},
    hostname ${text},
    pid ${integer},
    process_ends ${integer} not null,
    received_at ${integer} not null,
    primary key (run_key, task_id, map_index, try_number)
  ) ${clusteredTableEnd}`,
  "create index reported_tasks_by_time on reported_tasks (received_at)",
];

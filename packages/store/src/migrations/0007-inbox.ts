import type { BackendProfile } from "../backend/profile.ts";

/**
 * Messages that instances and their tasks sent us: `reports` holds those that were understood, `rejected_reports` those
 * that were not, and `confirmations` the runs that are to be read because of them.
 */
export const inbox = ({ text, integer, tableEnd }: BackendProfile): readonly string[] => [
  `create table reports (
    id ${text} primary key,
    source ${text} not null,
    message_id ${text} unique,
    content_hash ${text} not null,
    run_key ${text} not null,
    instance_id ${text} not null,
    dag_id ${text} not null,
    run_id ${text} not null,
    kind ${text} not null,
    task_id ${text},
    try_number ${integer},
    map_index ${integer},
    message ${text} not null,
    is_cut ${integer} not null,
    is_error ${integer} not null,
    sent_at ${integer} not null,
    received_at ${integer} not null
  ) ${tableEnd}`,
  "create index reports_by_run on reports (run_key, sent_at, id)",
  "create index reports_by_content on reports (content_hash, sent_at)",
  "create index reports_by_time on reports (received_at)",

  `create table rejected_reports (
    id ${text} primary key,
    source ${text} not null,
    message_id ${text},
    instance_id ${text},
    body ${text} not null,
    is_cut ${integer} not null,
    reason_code ${text} not null,
    reason ${text} not null,
    sent_at ${integer},
    received_at ${integer} not null,
    tries ${integer} not null
  ) ${tableEnd}`,
  "create index rejected_reports_by_time on rejected_reports (received_at)",
  "create index rejected_reports_by_instance on rejected_reports (instance_id, id)",
  "create unique index rejected_reports_by_message on rejected_reports (message_id) where message_id is not null",

  `create table confirmations (
    run_key ${text} primary key,
    instance_id ${text} not null,
    dag_id ${text} not null,
    run_id ${text} not null,
    heard_at ${integer} not null,
    not_before ${integer} not null,
    tries ${integer} not null
  ) ${tableEnd}`,
  "create index confirmations_due on confirmations (instance_id, not_before)",
];

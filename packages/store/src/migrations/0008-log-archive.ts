import type { BackendProfile } from "../backend/profile.ts";

/** Logs of ended runs, and the runs whose logs are still to be read. */
export const logArchive = ({ text, integer, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table archived_logs (
    id ${text} primary key,
    run_key ${text} not null,
    task_id ${text} not null,
    map_index ${integer} not null,
    try_number ${integer} not null,
    lines ${integer} not null,
    size_bytes ${integer} not null,
    stored_bytes ${integer} not null,
    omitted_lines ${integer} not null,
    archived_at ${integer} not null,
    unique (run_key, task_id, map_index, try_number)
  ) ${tableEnd}`,
  "create index archived_logs_by_age on archived_logs (archived_at, id, stored_bytes)",
  `create table archived_log_chunks (
    log_id ${text} not null,
    number ${integer} not null,
    first_line ${integer} not null,
    lines ${integer} not null,
    body ${text} not null,
    primary key (log_id, number)
  ) ${tableEnd}`,
  `create table log_archive_queue (
    run_key ${text} primary key,
    queued_at ${integer} not null,
    not_before ${integer} not null,
    attempts ${integer} not null
  ) ${clusteredTableEnd}`,
  "create index log_archive_queue_due on log_archive_queue (not_before, run_key)",
];

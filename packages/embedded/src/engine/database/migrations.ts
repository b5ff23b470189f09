/**
 * Numbered and forward only: what has been released is never changed. The number of a migration is its place in the
 * list, counted from 1, and is kept in SQLite's `user_version`.
 *
 * Times are microseconds since 1970.
 *
 * - `engine`: one row, what this file is called in the environment of the processes that it starts.
 * - `lease`: who runs the work. `token` grows with each taker; what an older one writes is refused.
 * - `plans`: one row for each DAG ever deployed; `version` is the one that new runs get.
 * - `plan_versions`: every text that was ever live, so that a run goes on with the one that it began with.
 * - `runs`, `task_instances`, `tries`: a task's row is how it stands, `tries` how each attempt went.
 * - `schedules`: where the next interval begins, so that none is begun twice.
 * - `audit`: what people and other servers asked for.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table engine (id text not null) strict;
  insert into engine (id) values (lower(hex(randomblob(12))));

  create table lease (
    one integer primary key check (one = 1),
    token integer not null,
    owner text,
    pid integer,
    pid_began text,
    expires_at integer not null
  ) strict;
  insert into lease (one, token, expires_at) values (1, 0, 0);

  create table plans (
    dag_id text primary key,
    version integer not null,
    is_paused integer not null default 0,
    is_removed integer not null default 0,
    first_seen_at integer not null,
    deployed_at integer not null,
    changed_at integer not null
  ) strict, without rowid;
  create index plans_by_change on plans (changed_at);

  create table plan_versions (
    dag_id text not null,
    version integer not null,
    hash text not null,
    text text not null,
    created_at integer not null,
    primary key (dag_id, version)
  ) strict, without rowid;

  create table refused_plans (
    name text primary key,
    message text not null,
    at integer not null
  ) strict, without rowid;

  create table runs (
    id integer primary key autoincrement,
    dag_id text not null,
    run_id text not null,
    version integer not null,
    state text not null,
    type text not null,
    conf text not null,
    note text,
    logical_date integer,
    interval_start integer,
    interval_end integer,
    run_after integer not null,
    queued_at integer not null,
    started_at integer,
    ended_at integer,
    updated_at integer not null,
    has_files integer not null default 1,
    unique (dag_id, run_id)
  ) strict;
  create unique index runs_by_date on runs (dag_id, logical_date) where logical_date is not null;
  create index runs_of_dag on runs (dag_id, id);
  create index runs_by_change on runs (updated_at, id);
  create index runs_by_start on runs (run_after);
  create index runs_queued on runs (dag_id, id) where state = 'queued';
  create index runs_waiting on runs (run_after) where state = 'queued';
  create index runs_running on runs (dag_id) where state = 'running';
  create index runs_with_files on runs (ended_at) where has_files = 1;

  create table task_instances (
    run integer not null references runs (id) on delete cascade,
    task_id text not null,
    place integer not null,
    state text not null,
    pool text not null,
    try_number integer not null default 0,
    max_tries integer not null,
    interruptions integer not null default 0,
    queued_at integer,
    started_at integer,
    ended_at integer,
    retry_at integer,
    hostname text,
    pid integer,
    result text,
    primary key (run, task_id)
  ) strict, without rowid;
  create index tasks_scheduled on task_instances (run, place) where state = 'scheduled';
  create index tasks_waiting on task_instances (retry_at) where state = 'up_for_retry';

  create table tries (
    run integer not null references runs (id) on delete cascade,
    task_id text not null,
    try_number integer not null,
    state text not null,
    queued_at integer,
    started_at integer not null,
    ended_at integer,
    hostname text not null,
    pid integer,
    gone_at integer,
    primary key (run, task_id, try_number)
  ) strict, without rowid;
  create index tries_of_processes on tries (run) where gone_at is null;

  create table schedules (
    dag_id text primary key,
    interval_end integer not null
  ) strict, without rowid;

  create table audit (
    id integer primary key autoincrement,
    at integer not null,
    event text not null,
    dag_id text,
    run_id text,
    task_id text
  ) strict;
  create index audit_of_dag on audit (dag_id, id);
  `,
];

import type { BackendProfile } from "../backend/profile.ts";

/**
 * Runs, their history, tasks and conf. Built for 5,000,000 runs: inside, a run is a small number (`…_pk`), and each list
 * that is shown is one range of one index, newest due first. Most runs are successes, so what looks for others has small
 * partial indexes.
 */
const runs = ({ text, integer, identity, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table runs (
    id ${identity},
    key ${text} not null unique,
    instance_id ${text} not null,
    dag_id ${text} not null,
    run_id ${text} not null,
    state ${text} not null,
    partial ${integer} not null,
    due_at ${integer} not null,
    read_at ${integer} not null,
    gone_at ${integer},
    read_state ${text},
    engine_state ${text},
    hollow ${text},
    type ${text},
    logical_date ${text},
    interval_start ${text},
    interval_end ${text},
    run_after ${text},
    queued_at ${text},
    started_at ${text},
    ended_at ${text},
    started_ms ${integer},
    ended_ms ${integer},
    stopped_at ${integer},
    stopped_started_at ${text},
    triggered_by ${text},
    trigger_id ${text},
    discovered_by ${text} not null,
    subjects_total ${integer} not null,
    observations_total ${integer} not null,
    tasks_at ${integer},
    first_seen_at ${integer} not null,
    changed_at ${integer} not null,
    version_numbers ${text} not null,
    heard ${text},
    note ${text},
    conf ${text}
  ) ${tableEnd}`,
  "create index runs_by_due on runs (due_at, id)",
  "create index runs_by_instance on runs (instance_id, due_at, id)",
  "create index runs_by_dag on runs (dag_id, due_at, id)",
  "create index runs_by_place on runs (instance_id, dag_id, due_at, id)",
  "create index runs_by_state on runs (state, due_at, id) where state <> 'success'",
  "create index runs_by_instance_state on runs (instance_id, state, due_at, id) where state <> 'success'",
  "create index runs_by_dag_state on runs (dag_id, state, due_at, id) where state <> 'success'",
  "create index runs_live on runs (instance_id, read_at, id) where state in ('queued', 'running')",
  "create index runs_by_end on runs (ended_ms, id) where ended_ms is not null",
  // Runs without subjects are judged by retention among themselves.
  "create index runs_alone on runs (instance_id, dag_id, state, due_at, id) where subjects_total = 0",
  "create index runs_by_trigger on runs (trigger_id) where trigger_id is not null",

  `create table observations (
    run_pk ${integer} not null,
    number ${integer} not null,
    at ${integer} not null,
    recorded_at ${integer} not null,
    source ${text} not null,
    kind ${text} not null,
    state ${text} not null,
    engine_state ${text},
    primary key (run_pk, number)
  ) ${clusteredTableEnd}`,

  `create table run_tasks (
    run_pk ${integer} not null,
    task_id ${text} not null,
    map_index ${integer} not null,
    state ${text} not null,
    task ${text} not null,
    observed_at ${integer} not null,
    primary key (run_pk, task_id, map_index)
  ) ${tableEnd}`,

  // Top-level conf keys with a plain value, to be looked up by.
  `create table run_conf (
    name ${text} not null,
    value ${text} not null,
    due_at ${integer} not null,
    run_pk ${integer} not null,
    primary key (name, value, due_at, run_pk)
  ) ${clusteredTableEnd}`,
];

/** What is known of a DAG on an instance from its runs, and its failures that no later success has made good. */
const outcomes = ({ text, integer, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table run_dags (
    instance_id ${text} not null,
    dag_id ${text} not null,
    last_success_run ${integer},
    last_success_due ${integer},
    removed_due ${integer},
    removed_begun ${integer},
    primary key (instance_id, dag_id)
  ) ${clusteredTableEnd}`,
  `create table open_failures (
    due_at ${integer} not null,
    run_pk ${integer} not null,
    instance_id ${text} not null,
    dag_id ${text} not null,
    primary key (due_at, run_pk)
  ) ${clusteredTableEnd}`,
  "create index open_failures_by_place on open_failures (instance_id, dag_id, due_at)",
  "create index open_failures_by_run on open_failures (run_pk)",

  // Runs that retention dropped while the engine may still have them; folded into `run_dags` when they are old.
  `create table removed_runs (
    key ${text} primary key,
    instance_id ${text} not null,
    dag_id ${text} not null,
    due_at ${integer} not null,
    begun_at ${integer} not null,
    removed_at ${integer} not null
  ) ${clusteredTableEnd}`,
  "create index removed_runs_by_age on removed_runs (removed_at)",
];

/**
 * Subjects, with what their page says first kept in the row. `run_subjects` is clustered so that the newest runs of a
 * subject stand together. A subject's id may be longer than an index entry of PostgreSQL, so it is unique by its hash and
 * listed by its beginning.
 */
const subjects = ({ text, integer, identity, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table subjects (
    id ${identity},
    hash ${text} not null unique,
    type ${text} not null,
    sort_id ${text} not null,
    state ${text} not null default 'none',
    runs_total ${integer} not null default 0,
    runs_success ${integer} not null default 0,
    runs_failed ${integer} not null default 0,
    runs_active ${integer} not null default 0,
    pending_total ${integer} not null default 0,
    newest_run ${integer},
    newest_due ${integer},
    current_run ${integer},
    current_due ${integer},
    finished_run ${integer},
    finished_due ${integer},
    last_success_run ${integer},
    last_success_due ${integer},
    last_success_ended ${integer} not null default 0,
    last_failure_run ${integer},
    last_failure_due ${integer},
    first_seen_at ${integer} not null,
    changed_at ${integer} not null,
    external_id ${text} not null,
    label ${text},
    url ${text},
    folded_text ${text} not null
  ) ${tableEnd}`,
  "create index subjects_by_id on subjects (type, sort_id, id)",
  "create index subjects_by_state on subjects (state, type, sort_id, id)",
  "create index subjects_by_success on subjects (last_success_ended, id)",
  "create index subjects_by_type_success on subjects (type, last_success_ended, id)",

  `create table run_subjects (
    subject_pk ${integer} not null,
    due_at ${integer} not null,
    run_pk ${integer} not null,
    primary key (subject_pk, due_at, run_pk)
  ) ${clusteredTableEnd}`,
  "create index run_subjects_by_run on run_subjects (run_pk, subject_pk)",

  `create table trigger_subjects (
    subject_pk ${integer} not null,
    trigger_id ${text} not null,
    is_pending ${integer} not null,
    primary key (subject_pk, trigger_id)
  ) ${clusteredTableEnd}`,
  "create index trigger_subjects_by_trigger on trigger_subjects (trigger_id, subject_pk)",
  "create index trigger_subjects_pending on trigger_subjects (subject_pk, trigger_id) where is_pending = 1",
];

/** Runs, what hangs on them, and the subjects that they are about. */
export const runsAndSubjects = (profile: BackendProfile): readonly string[] => [
  ...runs(profile),
  ...outcomes(profile),
  ...subjects(profile),
];

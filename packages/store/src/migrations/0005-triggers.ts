import type { BackendProfile } from "../backend/profile.ts";

/**
 * Triggers: what was asked for in one request, each run that was to come of it, and every attempt to get it.
 *
 * A request outlives its triggers, and a trigger that retention has dropped stays as a name (`dropped_at`), so that a key
 * which is repeated long afterwards answers the same runs.
 */
export const triggers = ({ text, integer, tableEnd, clusteredTableEnd }: BackendProfile): readonly string[] => [
  `create table trigger_requests (
    id ${text} primary key,
    scope ${text} unique,
    request_hash ${text} not null,
    actor ${text} not null,
    facts ${text} not null,
    created_at ${integer} not null
  ) ${tableEnd}`,
  "create index trigger_requests_by_time on trigger_requests (created_at)",

  `create table triggers (
    id ${text} primary key,
    request_id ${text} not null,
    position ${integer} not null,
    is_keyed ${integer} not null,
    action_id ${text} not null unique,
    instance_id ${text} not null,
    dag_id ${text} not null,
    run_id ${text} not null,
    state ${text} not null,
    actor ${text} not null,
    request ${text} not null,
    conf_hash ${text} not null,
    subjects ${text} not null,
    subjects_total ${integer} not null,
    warnings ${text} not null,
    error_code ${text},
    error_message ${text},
    expires_at ${integer},
    created_at ${integer} not null,
    changed_at ${integer} not null,
    finished_at ${integer},
    look_at ${integer},
    dropped_at ${integer}
  ) ${tableEnd}`,
  "create index triggers_by_request on triggers (request_id, position)",
  "create index triggers_by_run on triggers (instance_id, dag_id, run_id)",
  "create index triggers_listed on triggers (id) where dropped_at is null",
  "create index triggers_by_instance on triggers (instance_id, id) where dropped_at is null",
  "create index triggers_by_dag on triggers (dag_id, id) where dropped_at is null",
  "create index triggers_by_state on triggers (state, id) where dropped_at is null",
  "create index triggers_by_actor on triggers (actor, id) where dropped_at is null",
  "create index triggers_watched on triggers (look_at) where look_at is not null",
  "create index triggers_finished on triggers (finished_at, id) where finished_at is not null and dropped_at is null",

  `create table trigger_attempts (
    trigger_id ${text} not null,
    number ${integer} not null,
    at ${integer} not null,
    method ${text},
    path ${text},
    request ${text},
    status ${integer},
    answer ${text},
    is_cut ${integer} not null,
    duration_ms ${integer},
    error ${text},
    primary key (trigger_id, number)
  ) ${clusteredTableEnd}`,

  // Which triggers wait for an earlier one of their DAG, and which instances have work at all.
  `create index actions_waiting_triggers on actions (instance_id, dag_id, not_before)
    where state = 'pending' and verb = 'run:trigger'`,
  "create index actions_pending_by_instance on actions (instance_id, not_before, id) where state = 'pending'",
];

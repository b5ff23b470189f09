import type { BackendProfile } from "../backend/profile.ts";

const auditColumns = ({ text, integer }: BackendProfile): string => `
    at ${integer} not null,
    actor ${text} not null,
    verb ${text} not null,
    outcome ${text} not null,
    instance_id ${text},
    dag_id ${text},
    run_id ${text},
    task_id ${text},
    action_id ${text},
    details ${text} not null,
    source_ip ${text},
    request_id ${text}`;

const eventColumns = ({ text, integer }: BackendProfile): string => `
    at ${integer} not null,
    kind ${text} not null,
    instance_id ${text},
    dag_id ${text},
    run_id ${text},
    tenant ${text},
    payload ${text} not null`;

/**
 * Recorded writes, the audit trail and the events.
 *
 * Audit rows and events are first written to a `…_pending` table, in the transaction of what they tell about; one
 * sequencer moves them, so that a row is never changed after it has its place, and a reader at `seq > n` misses nothing.
 */
export const work = (profile: BackendProfile): readonly string[] => {
  const { text, integer, tableEnd } = profile;
  return [
    `create table actions (
    id ${text} primary key,
    verb ${text} not null,
    state ${text} not null,
    actor ${text} not null,
    source_ip ${text},
    request_id ${text},
    instance_id ${text} not null,
    dag_id ${text},
    run_id ${text},
    task_id ${text},
    map_index ${integer},
    request ${text} not null,
    sealed ${text},
    dedupe_key ${text} unique,
    before ${text},
    after ${text},
    warnings ${text} not null,
    error_code ${text},
    error_message ${text},
    attempts ${integer} not null,
    sent_at ${integer},
    lease_owner ${text},
    lease_until ${integer},
    fencing_token ${integer} not null,
    not_before ${integer} not null,
    deadline_at ${integer},
    created_at ${integer} not null,
    updated_at ${integer} not null,
    finished_at ${integer}
  ) ${tableEnd}`,
    "create index actions_pending on actions (not_before, id) where state = 'pending'",
    "create index actions_by_instance on actions (instance_id, id)",
    "create index actions_by_state on actions (state, id)",
    "create index actions_finished on actions (finished_at) where finished_at is not null",

    `create table audit_pending (
    id ${text} primary key,${auditColumns(profile)}
  ) ${tableEnd}`,
    `create table audit (
    seq ${integer} primary key,
    id ${text} not null unique,${auditColumns(profile)},
    prev_hash ${text} not null,
    hash ${text} not null
  ) ${tableEnd}`,
    "create index audit_by_instance on audit (instance_id, id)",
    "create index audit_by_actor on audit (actor, id)",
    "create index audit_by_dag on audit (dag_id, id)",
    "create index audit_by_verb on audit (verb, id)",

    `create table events_pending (
    id ${text} primary key,${eventColumns(profile)}
  ) ${tableEnd}`,
    `create table events (
    seq ${integer} primary key,
    id ${text} not null,${eventColumns(profile)}
  ) ${tableEnd}`,
    "create index events_by_time on events (at)",

    `create table sequences (
    name ${text} primary key,
    seq ${integer} not null,
    hash ${text} not null
  ) ${tableEnd}`,
    "insert into sequences (name, seq, hash) values ('audit', 0, ''), ('events', 0, '')",
  ];
};

-- Generated: vitest run --update packages/store/test/schema-dump.test.ts

CREATE TABLE actions (
    id text primary key,
    verb text not null,
    state text not null,
    actor text not null,
    source_ip text,
    request_id text,
    instance_id text not null,
    dag_id text,
    run_id text,
    task_id text,
    map_index integer,
    request text not null,
    sealed text,
    dedupe_key text unique,
    before text,
    after text,
    warnings text not null,
    error_code text,
    error_message text,
    attempts integer not null,
    sent_at integer,
    lease_owner text,
    lease_until integer,
    fencing_token integer not null,
    not_before integer not null,
    deadline_at integer,
    created_at integer not null,
    updated_at integer not null,
    finished_at integer
  ) strict;

CREATE INDEX actions_by_instance on actions (instance_id, id);

CREATE INDEX actions_by_state on actions (state, id);

CREATE INDEX actions_finished on actions (finished_at) where finished_at is not null;

CREATE INDEX actions_pending on actions (not_before, id) where state = 'pending';

CREATE TABLE alert_history (
    alert_id text not null,
    number integer not null,
    at integer not null,
    kind text not null,
    actor text,
    details text not null,
    primary key (alert_id, number)
  ) strict, without rowid;

CREATE TABLE alerts (
    id text primary key,
    rule_id text not null,
    group_key text not null,
    state text not null,
    condition text not null,
    summary text not null,
    instances text not null,
    findings text not null,
    findings_total integer not null,
    since integer not null,
    opened_at integer,
    resolved_at integer,
    notified_at integer,
    snoozed_until integer,
    snoozed_by text,
    changed_at integer not null
  ) strict;

CREATE INDEX alerts_by_rule on alerts (rule_id, id);

CREATE INDEX alerts_by_state on alerts (state, id);

CREATE INDEX alerts_resolved on alerts (resolved_at) where resolved_at is not null;

CREATE UNIQUE INDEX alerts_unresolved on alerts (rule_id, group_key) where state <> 'resolved';

CREATE TABLE audit (
    seq integer primary key,
    id text not null unique,
    at integer not null,
    actor text not null,
    verb text not null,
    outcome text not null,
    instance_id text,
    dag_id text,
    run_id text,
    task_id text,
    action_id text,
    details text not null,
    source_ip text,
    request_id text,
    prev_hash text not null,
    hash text not null
  ) strict;

CREATE INDEX audit_by_actor on audit (actor, id);

CREATE INDEX audit_by_dag on audit (dag_id, id);

CREATE INDEX audit_by_instance on audit (instance_id, id);

CREATE INDEX audit_by_verb on audit (verb, id);

CREATE TABLE audit_pending (
    id text primary key,
    at integer not null,
    actor text not null,
    verb text not null,
    outcome text not null,
    instance_id text,
    dag_id text,
    run_id text,
    task_id text,
    action_id text,
    details text not null,
    source_ip text,
    request_id text
  ) strict;

CREATE TABLE dag_tags (
    tag text not null,
    dag_id text not null,
    instance_id text not null,
    primary key (tag, dag_id, instance_id)
  ) strict, without rowid;

CREATE INDEX dag_tags_by_dag on dag_tags (instance_id, dag_id);

CREATE TABLE dag_texts (
    dag_id text not null,
    instance_id text not null,
    folded_text text not null,
    primary key (dag_id, instance_id)
  ) strict, without rowid;

CREATE TABLE dags (
    dag_id text not null,
    instance_id text not null,
    display_name text not null,
    description text,
    is_paused integer not null,
    is_stale integer not null,
    has_import_errors integer not null,
    file text,
    file_token text,
    bundle text,
    owners text not null,
    tags text not null,
    schedule text,
    schedule_description text,
    next_run text,
    last_parsed_at text,
    max_active_runs integer,
    content_hash text not null,
    first_seen_at integer not null,
    observed_at integer not null,
    gone_at integer,
    last_run_id text,
    last_run_state text,
    last_run_logical_date text,
    last_run_started_at text,
    last_run_ended_at text,
    last_run_observed_at integer,
    primary key (dag_id, instance_id)
  ) strict;

CREATE INDEX dags_broken on dags (dag_id, instance_id) where has_import_errors = 1 and gone_at is null;

CREATE INDEX dags_by_instance on dags (instance_id, dag_id, gone_at);

CREATE INDEX dags_by_pause on dags (is_paused, dag_id, instance_id) where gone_at is null;

CREATE INDEX dags_by_run_state on dags (last_run_state, dag_id, instance_id)
    where last_run_state is not null and gone_at is null;

CREATE INDEX dags_live on dags (dag_id, instance_id, is_paused, has_import_errors, last_run_state)
    where gone_at is null;

CREATE TABLE deliveries (
    id text primary key,
    receiver text not null,
    type text not null,
    state text not null,
    dedupe_key text unique,
    instance_id text,
    payload text not null,
    attempts integer not null,
    tries_left integer not null,
    last_status integer,
    last_error text,
    lease_owner text,
    lease_until integer,
    fencing_token integer not null,
    not_before integer not null,
    created_at integer not null,
    finished_at integer
  ) strict;

CREATE INDEX deliveries_by_receiver on deliveries (receiver, id);

CREATE INDEX deliveries_by_state on deliveries (receiver, state, id);

CREATE INDEX deliveries_finished on deliveries (finished_at) where finished_at is not null;

CREATE INDEX deliveries_pending on deliveries (receiver, not_before, id) where state = 'pending';

CREATE TABLE delivery_attempts (
    delivery_id text not null,
    attempt integer not null,
    at integer not null,
    duration_ms integer not null,
    status integer,
    answer text,
    error text,
    primary key (delivery_id, attempt)
  ) strict, without rowid;

CREATE TABLE document_revisions (
    kind text primary key,
    revision integer not null
  ) strict, without rowid;

CREATE TABLE documents (
    kind text not null,
    id text not null,
    body text not null,
    sealed text,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (kind, id)
  ) strict;

CREATE TABLE event_cursors (
    name text primary key,
    seq integer not null,
    updated_at integer not null
  ) strict, without rowid;

CREATE TABLE events (
    seq integer primary key,
    id text not null,
    at integer not null,
    kind text not null,
    instance_id text,
    dag_id text,
    run_id text,
    tenant text,
    payload text not null
  ) strict;

CREATE INDEX events_by_time on events (at);

CREATE TABLE events_pending (
    id text primary key,
    at integer not null,
    kind text not null,
    instance_id text,
    dag_id text,
    run_id text,
    tenant text,
    payload text not null
  ) strict;

CREATE TABLE idempotency_keys (
    scope text primary key,
    actor text not null,
    method text not null,
    route text not null,
    request_hash text not null,
    holder text not null,
    outstanding_until integer,
    status integer,
    sealed_body text,
    created_at integer not null,
    expires_at integer not null
  ) strict;

CREATE INDEX idempotency_keys_expired on idempotency_keys (expires_at);

CREATE TABLE import_errors (
    instance_id text not null,
    error_id text not null,
    file text not null,
    bundle text,
    stack_trace text not null,
    at text,
    observed_at integer not null,
    primary key (instance_id, error_id)
  ) strict;

CREATE TABLE instances (
    id text primary key,
    folded_id text not null unique,
    config text not null,
    sealed text not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null
  ) strict;

CREATE TABLE known_instances (
    id text primary key,
    source text not null,
    enabled integer not null,
    first_seen_at integer not null,
    last_seen_at integer not null
  ) strict;

CREATE TABLE leases (
    name text primary key,
    owner text not null,
    term integer not null,
    expires_at integer not null
  ) strict;

CREATE TABLE members (
    id text primary key,
    hostname text not null,
    pid integer not null,
    roles text not null,
    started_at integer not null,
    seen_at integer not null
  ) strict;

CREATE TABLE probes (
    instance_id text primary key,
    result text,
    observed_at integer,
    breaker text not null,
    breaker_until integer,
    breaker_at integer not null
  ) strict;

CREATE TABLE readings (
    instance_id text not null,
    feed text not null,
    attempted_at integer not null,
    succeeded_at integer,
    duration_ms integer not null,
    server_time integer,
    watermark text,
    error_code text,
    error_message text,
    error_at integer,
    primary key (instance_id, feed)
  ) strict;

CREATE TABLE sequences (
    name text primary key,
    seq integer not null,
    hash text not null
  ) strict;

CREATE TABLE settings (
    key text primary key,
    value text not null,
    updated_at integer not null
  ) strict;

CREATE TABLE store_facts (
    name text primary key,
    value text not null
  ) strict;

CREATE TABLE tokens (
    id text primary key,
    name text not null,
    role text not null,
    instances text not null,
    tenant text,
    secret_hash text not null,
    created_by text not null,
    created_at integer not null,
    expires_at integer,
    last_used_at integer,
    revoked_at integer
  ) strict;

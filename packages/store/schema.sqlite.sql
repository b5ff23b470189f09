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

CREATE INDEX actions_pending_by_instance on actions (instance_id, not_before, id) where state = 'pending';

CREATE INDEX actions_waiting_triggers on actions (instance_id, dag_id, not_before)
    where state = 'pending' and verb = 'run:trigger';

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

CREATE TABLE archived_log_chunks (
    log_id text not null,
    number integer not null,
    first_line integer not null,
    lines integer not null,
    body text not null,
    primary key (log_id, number)
  ) strict;

CREATE TABLE archived_logs (
    id text primary key,
    run_key text not null,
    task_id text not null,
    map_index integer not null,
    try_number integer not null,
    lines integer not null,
    size_bytes integer not null,
    stored_bytes integer not null,
    omitted_lines integer not null,
    archived_at integer not null,
    unique (run_key, task_id, map_index, try_number)
  ) strict;

CREATE INDEX archived_logs_by_age on archived_logs (archived_at, id, stored_bytes);

CREATE TABLE artifacts (
    id text primary key,
    kind text not null,
    pipeline_id text not null,
    pipeline_name text not null,
    revision integer not null,
    plan_hash text not null,
    hash text not null,
    dag_id text not null,
    file_name text not null,
    body text not null,
    lines text not null,
    task_ids text not null,
    runtime text,
    created_at integer not null
  ) strict;

CREATE INDEX artifacts_by_pipeline on artifacts (pipeline_id, created_at);

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

CREATE TABLE confirmations (
    run_key text primary key,
    instance_id text not null,
    dag_id text not null,
    run_id text not null,
    heard_at integer not null,
    not_before integer not null,
    tries integer not null
  ) strict;

CREATE INDEX confirmations_due on confirmations (instance_id, not_before);

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

CREATE TABLE deployments (
    id text primary key,
    pipeline_id text not null,
    revision integer not null,
    plan_hash text not null,
    artifact_id text not null,
    artifact_hash text not null,
    instance_id text not null,
    dag_id text not null,
    generation integer not null,
    state text not null,
    origin text not null,
    requested_by text not null,
    is_new integer not null,
    tasks_changed integer not null,
    state_times text not null,
    error text,
    target text,
    target_revision text,
    progress text not null,
    due_at integer,
    row_version integer not null,
    created_at integer not null,
    changed_at integer not null,
    unique (instance_id, dag_id, generation)
  ) strict;

CREATE INDEX deployments_by_instance on deployments (instance_id, id);

CREATE INDEX deployments_by_pipeline on deployments (pipeline_id, id);

CREATE INDEX deployments_due on deployments (due_at, instance_id) where due_at is not null;

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

CREATE TABLE executions (
    id text primary key,
    pipeline_id text not null,
    revision integer,
    artifact_hash text,
    instance_id text not null,
    dag_id text not null,
    run_id text not null,
    run_key text not null unique,
    trigger_id text,
    schedule_id text,
    tick integer,
    scope text unique,
    request_hash text,
    trigger_type text not null,
    triggered_by text not null,
    is_discovered integer not null,
    status text not null,
    stage text not null,
    stage_note text,
    started_at text,
    completed_at text,
    sealed_params text,
    engine_state text,
    result text,
    error_code text,
    error_message text,
    error_trace text,
    metrics text not null,
    cancelled_by text,
    cancelled_at integer,
    work_at integer,
    lease_until integer,
    fencing_token integer not null,
    attempts integer not null,
    deadline_at integer,
    created_at integer not null,
    updated_at integer not null
  ) strict;

CREATE INDEX executions_by_age on executions (created_at, id);

CREATE INDEX executions_by_instance on executions (instance_id, created_at, id);

CREATE INDEX executions_by_pipeline on executions (pipeline_id, created_at, id);

CREATE INDEX executions_by_schedule on executions (schedule_id, status, created_at) where schedule_id is not null;

CREATE INDEX executions_by_status on executions (status, created_at, id);

CREATE INDEX executions_due on executions (work_at) where work_at is not null;

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

CREATE TABLE log_archive_queue (
    run_key text primary key,
    queued_at integer not null,
    not_before integer not null,
    attempts integer not null
  ) strict, without rowid;

CREATE INDEX log_archive_queue_due on log_archive_queue (not_before, run_key);

CREATE TABLE members (
    id text primary key,
    hostname text not null,
    pid integer not null,
    roles text not null,
    started_at integer not null,
    seen_at integer not null
  ) strict;

CREATE TABLE observations (
    run_pk integer not null,
    number integer not null,
    at integer not null,
    recorded_at integer not null,
    source text not null,
    kind text not null,
    state text not null,
    engine_state text,
    primary key (run_pk, number)
  ) strict, without rowid;

CREATE TABLE open_failures (
    due_at integer not null,
    run_pk integer not null,
    instance_id text not null,
    dag_id text not null,
    primary key (due_at, run_pk)
  ) strict, without rowid;

CREATE INDEX open_failures_by_place on open_failures (instance_id, dag_id, due_at);

CREATE INDEX open_failures_by_run on open_failures (run_pk);

CREATE TABLE pipeline_terms (
    kind text not null,
    term text not null,
    pipeline_id text not null,
    primary key (kind, term, pipeline_id)
  ) strict, without rowid;

CREATE INDEX pipeline_terms_by_pipeline on pipeline_terms (pipeline_id);

CREATE TABLE pipeline_versions (
    pipeline_id text not null,
    revision integer not null,
    content text not null,
    plan_hash text,
    author text not null,
    note text,
    created_at integer not null,
    primary key (pipeline_id, revision)
  ) strict;

CREATE TABLE pipelines (
    id text primary key,
    name text not null,
    description text,
    version text not null,
    config text not null,
    nodes integer not null,
    schedule text,
    is_scheduled integer not null,
    time_zone text not null,
    status text not null,
    tags text not null,
    default_params text not null,
    owner text,
    tenant text,
    environments text not null,
    folded_text text not null,
    revision integer not null,
    plan_hash text,
    first_scheduled_at integer,
    created_by text not null,
    created_at integer not null,
    updated_at integer not null,
    removed_at integer
  ) strict;

CREATE INDEX pipelines_by_age on pipelines (created_at, id) where removed_at is null;

CREATE INDEX pipelines_removed on pipelines (removed_at) where removed_at is not null;

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

CREATE TABLE rejected_reports (
    id text primary key,
    source text not null,
    message_id text,
    instance_id text,
    body text not null,
    is_cut integer not null,
    reason_code text not null,
    reason text not null,
    sent_at integer,
    received_at integer not null,
    tries integer not null
  ) strict;

CREATE INDEX rejected_reports_by_instance on rejected_reports (instance_id, id);

CREATE UNIQUE INDEX rejected_reports_by_message on rejected_reports (message_id) where message_id is not null;

CREATE INDEX rejected_reports_by_time on rejected_reports (received_at);

CREATE TABLE removed_runs (
    key text primary key,
    instance_id text not null,
    dag_id text not null,
    due_at integer not null,
    begun_at integer not null,
    removed_at integer not null
  ) strict, without rowid;

CREATE INDEX removed_runs_by_age on removed_runs (removed_at);

CREATE TABLE reported_details (
    run_key text not null,
    part text not null,
    value text not null,
    category text,
    is_cut integer not null,
    received_at integer not null,
    primary key (run_key, part)
  ) strict;

CREATE INDEX reported_details_by_time on reported_details (received_at);

CREATE TABLE reported_tasks (
    run_key text not null,
    task_id text not null,
    map_index integer not null,
    try_number integer not null,
    state text not null,
    started_at text,
    ended_at text,
    hostname text,
    pid integer,
    process_ends integer not null,
    received_at integer not null,
    primary key (run_key, task_id, map_index, try_number)
  ) strict, without rowid;

CREATE INDEX reported_tasks_by_time on reported_tasks (received_at);

CREATE TABLE reports (
    id text primary key,
    source text not null,
    message_id text unique,
    content_hash text not null,
    run_key text not null,
    instance_id text not null,
    dag_id text not null,
    run_id text not null,
    kind text not null,
    task_id text,
    try_number integer,
    map_index integer,
    message text not null,
    is_cut integer not null,
    is_error integer not null,
    sent_at integer not null,
    received_at integer not null
  , format text not null default 'rikolti', run_state text) strict;

CREATE INDEX reports_by_content on reports (content_hash, sent_at);

CREATE INDEX reports_by_instance on reports (instance_id, id);

CREATE INDEX reports_by_run on reports (run_key, sent_at, id);

CREATE INDEX reports_by_time on reports (received_at);

CREATE TABLE rule_applications (
    id text primary key,
    state text not null,
    actor text not null,
    rules text not null,
    instances text,
    position text,
    examined_runs integer not null,
    matched_runs integer not null,
    added_subjects integer not null,
    failures integer not null,
    last_error text,
    created_at integer not null,
    updated_at integer not null,
    finished_at integer
  ) strict;

CREATE INDEX rule_applications_open on rule_applications (id) where finished_at is null;

CREATE TABLE rule_tallies (
    rule_id text primary key,
    matched_runs integer not null,
    subjects integer not null,
    failures integer not null,
    last_matched_at integer,
    last_error text,
    last_error_at integer
  ) strict, without rowid;

CREATE TABLE run_conf (
    name text not null,
    value text not null,
    due_at integer not null,
    run_pk integer not null,
    primary key (name, value, due_at, run_pk)
  ) strict, without rowid;

CREATE TABLE run_dags (
    instance_id text not null,
    dag_id text not null,
    last_success_run integer,
    last_success_due integer,
    removed_due integer,
    removed_begun integer,
    primary key (instance_id, dag_id)
  ) strict, without rowid;

CREATE TABLE run_subjects (
    subject_pk integer not null,
    due_at integer not null,
    run_pk integer not null,
    primary key (subject_pk, due_at, run_pk)
  ) strict, without rowid;

CREATE INDEX run_subjects_by_run on run_subjects (run_pk, subject_pk);

CREATE TABLE run_tasks (
    run_pk integer not null,
    task_id text not null,
    map_index integer not null,
    state text not null,
    task text not null,
    observed_at integer not null,
    primary key (run_pk, task_id, map_index)
  ) strict;

CREATE TABLE run_tries (
    run_pk integer not null,
    task_id text not null,
    map_index integer not null,
    try_number integer not null,
    task text not null,
    observed_at integer not null,
    primary key (run_pk, task_id, map_index, try_number)
  ) strict;

CREATE TABLE runs (
    id integer primary key,
    key text not null unique,
    instance_id text not null,
    dag_id text not null,
    run_id text not null,
    state text not null,
    partial integer not null,
    due_at integer not null,
    read_at integer not null,
    gone_at integer,
    read_state text,
    engine_state text,
    hollow text,
    type text,
    logical_date text,
    interval_start text,
    interval_end text,
    run_after text,
    queued_at text,
    started_at text,
    ended_at text,
    started_ms integer,
    ended_ms integer,
    stopped_at integer,
    stopped_started_at text,
    triggered_by text,
    trigger_id text,
    discovered_by text not null,
    subjects_total integer not null,
    observations_total integer not null,
    tasks_at integer,
    first_seen_at integer not null,
    changed_at integer not null,
    version_numbers text not null,
    heard text,
    note text,
    conf text
  ) strict;

CREATE INDEX runs_alone on runs (instance_id, dag_id, state, due_at, id) where subjects_total = 0;

CREATE INDEX runs_by_dag on runs (dag_id, due_at, id);

CREATE INDEX runs_by_dag_state on runs (dag_id, state, due_at, id) where state <> 'success';

CREATE INDEX runs_by_due on runs (due_at, id);

CREATE INDEX runs_by_end on runs (ended_ms, id) where ended_ms is not null;

CREATE INDEX runs_by_instance on runs (instance_id, due_at, id);

CREATE INDEX runs_by_instance_state on runs (instance_id, state, due_at, id) where state <> 'success';

CREATE INDEX runs_by_place on runs (instance_id, dag_id, due_at, id);

CREATE INDEX runs_by_state on runs (state, due_at, id) where state <> 'success';

CREATE INDEX runs_by_trigger on runs (trigger_id) where trigger_id is not null;

CREATE INDEX runs_live on runs (instance_id, read_at, id) where state in ('queued', 'running');

CREATE TABLE runtimes (
    name text primary key,
    files text not null,
    created_at integer not null
  ) strict;

CREATE TABLE schedules (
    id text primary key,
    pipeline_id text not null,
    name text not null,
    description text,
    definition text not null,
    sealed_params text,
    is_active integer not null,
    run_by text not null,
    is_primary integer not null,
    epoch integer not null,
    anchor integer not null,
    next_tick integer,
    last_tick integer,
    lease_until integer,
    fencing_token integer not null,
    version integer not null,
    created_by text not null,
    created_at integer not null,
    updated_at integer not null
  ) strict;

CREATE INDEX schedules_by_age on schedules (created_at, id);

CREATE INDEX schedules_by_pipeline on schedules (pipeline_id, created_at, id);

CREATE INDEX schedules_due on schedules (next_tick) where next_tick is not null;

CREATE UNIQUE INDEX schedules_primary on schedules (pipeline_id) where is_primary = 1;

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

CREATE TABLE stops (
    action_id text primary key,
    run_key text not null,
    instance_id text not null,
    dag_id text not null,
    run_id text not null,
    stage text not null,
    run_started_at text,
    begun_at integer not null,
    stopped_at integer,
    until integer not null,
    deleted_at integer,
    tasks text not null,
    changed_at integer not null
  ) strict;

CREATE INDEX stops_by_change on stops (changed_at);

CREATE INDEX stops_by_run on stops (run_key, action_id);

CREATE TABLE store_facts (
    name text primary key,
    value text not null
  ) strict;

CREATE TABLE subjects (
    id integer primary key,
    hash text not null unique,
    type text not null,
    sort_id text not null,
    state text not null default 'none',
    runs_total integer not null default 0,
    runs_success integer not null default 0,
    runs_failed integer not null default 0,
    runs_active integer not null default 0,
    pending_total integer not null default 0,
    newest_run integer,
    newest_due integer,
    current_run integer,
    current_due integer,
    finished_run integer,
    finished_due integer,
    last_success_run integer,
    last_success_due integer,
    last_success_ended integer not null default 0,
    last_failure_run integer,
    last_failure_due integer,
    first_seen_at integer not null,
    changed_at integer not null,
    external_id text not null,
    label text,
    url text,
    folded_text text not null
  ) strict;

CREATE INDEX subjects_by_id on subjects (type, sort_id, id);

CREATE INDEX subjects_by_state on subjects (state, type, sort_id, id);

CREATE INDEX subjects_by_success on subjects (last_success_ended, id);

CREATE INDEX subjects_by_type_success on subjects (type, last_success_ended, id);

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

CREATE TABLE trigger_attempts (
    trigger_id text not null,
    number integer not null,
    at integer not null,
    method text,
    path text,
    request text,
    status integer,
    answer text,
    is_cut integer not null,
    duration_ms integer,
    error text,
    primary key (trigger_id, number)
  ) strict, without rowid;

CREATE TABLE trigger_requests (
    id text primary key,
    scope text unique,
    request_hash text not null,
    actor text not null,
    facts text not null,
    created_at integer not null
  ) strict;

CREATE INDEX trigger_requests_by_time on trigger_requests (created_at);

CREATE TABLE trigger_subjects (
    subject_pk integer not null,
    trigger_id text not null,
    is_pending integer not null,
    primary key (subject_pk, trigger_id)
  ) strict, without rowid;

CREATE INDEX trigger_subjects_by_trigger on trigger_subjects (trigger_id, subject_pk);

CREATE INDEX trigger_subjects_pending on trigger_subjects (subject_pk, trigger_id) where is_pending = 1;

CREATE TABLE triggers (
    id text primary key,
    request_id text not null,
    position integer not null,
    is_keyed integer not null,
    action_id text not null unique,
    instance_id text not null,
    dag_id text not null,
    run_id text not null,
    state text not null,
    actor text not null,
    request text not null,
    conf_hash text not null,
    subjects text not null,
    subjects_total integer not null,
    warnings text not null,
    error_code text,
    error_message text,
    expires_at integer,
    created_at integer not null,
    changed_at integer not null,
    finished_at integer,
    look_at integer,
    dropped_at integer
  ) strict;

CREATE INDEX triggers_by_actor on triggers (actor, id) where dropped_at is null;

CREATE INDEX triggers_by_dag on triggers (dag_id, id) where dropped_at is null;

CREATE INDEX triggers_by_instance on triggers (instance_id, id) where dropped_at is null;

CREATE INDEX triggers_by_request on triggers (request_id, position);

CREATE INDEX triggers_by_run on triggers (instance_id, dag_id, run_id);

CREATE INDEX triggers_by_state on triggers (state, id) where dropped_at is null;

CREATE INDEX triggers_finished on triggers (finished_at, id) where finished_at is not null and dropped_at is null;

CREATE INDEX triggers_listed on triggers (id) where dropped_at is null;

CREATE INDEX triggers_watched on triggers (look_at) where look_at is not null;

CREATE TABLE waiting_reports (
    report_id text primary key,
    instance_id text not null,
    run_key text not null,
    content text not null,
    received_at integer not null
  ) strict;

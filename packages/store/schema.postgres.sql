-- Generated: vitest run --update packages/store/test/schema-dump.test.ts

create table actions (
  id text collate "C" not null,
  verb text collate "C" not null,
  state text collate "C" not null,
  actor text collate "C" not null,
  source_ip text collate "C",
  request_id text collate "C",
  instance_id text collate "C" not null,
  dag_id text collate "C",
  run_id text collate "C",
  task_id text collate "C",
  map_index bigint,
  request text collate "C" not null,
  sealed text collate "C",
  dedupe_key text collate "C",
  before text collate "C",
  after text collate "C",
  warnings text collate "C" not null,
  error_code text collate "C",
  error_message text collate "C",
  attempts bigint not null,
  sent_at bigint,
  lease_owner text collate "C",
  lease_until bigint,
  fencing_token bigint not null,
  not_before bigint not null,
  deadline_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  finished_at bigint,
  constraint actions_dedupe_key_key UNIQUE (dedupe_key),
  constraint actions_pkey PRIMARY KEY (id)
);
CREATE INDEX actions_by_instance ON public.actions USING btree (instance_id, id);
CREATE INDEX actions_by_state ON public.actions USING btree (state, id);
CREATE INDEX actions_finished ON public.actions USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX actions_pending ON public.actions USING btree (not_before, id) WHERE (state = 'pending'::text);
CREATE INDEX actions_pending_by_instance ON public.actions USING btree (instance_id, not_before, id) WHERE (state = 'pending'::text);
CREATE INDEX actions_waiting_triggers ON public.actions USING btree (instance_id, dag_id, not_before) WHERE ((state = 'pending'::text) AND (verb = 'run:trigger'::text));

create table alert_history (
  alert_id text collate "C" not null,
  number bigint not null,
  at bigint not null,
  kind text collate "C" not null,
  actor text collate "C",
  details text collate "C" not null,
  constraint alert_history_pkey PRIMARY KEY (alert_id, number)
);

create table alerts (
  id text collate "C" not null,
  rule_id text collate "C" not null,
  group_key text collate "C" not null,
  state text collate "C" not null,
  condition text collate "C" not null,
  summary text collate "C" not null,
  instances text collate "C" not null,
  findings text collate "C" not null,
  findings_total bigint not null,
  since bigint not null,
  opened_at bigint,
  resolved_at bigint,
  notified_at bigint,
  snoozed_until bigint,
  snoozed_by text collate "C",
  changed_at bigint not null,
  constraint alerts_pkey PRIMARY KEY (id)
);
CREATE INDEX alerts_by_rule ON public.alerts USING btree (rule_id, id);
CREATE INDEX alerts_by_state ON public.alerts USING btree (state, id);
CREATE INDEX alerts_resolved ON public.alerts USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);
CREATE UNIQUE INDEX alerts_unresolved ON public.alerts USING btree (rule_id, group_key) WHERE (state <> 'resolved'::text);

create table archived_log_chunks (
  log_id text collate "C" not null,
  number bigint not null,
  first_line bigint not null,
  lines bigint not null,
  body text collate "C" not null,
  constraint archived_log_chunks_pkey PRIMARY KEY (log_id, number)
);

create table archived_logs (
  id text collate "C" not null,
  run_key text collate "C" not null,
  task_id text collate "C" not null,
  map_index bigint not null,
  try_number bigint not null,
  lines bigint not null,
  size_bytes bigint not null,
  stored_bytes bigint not null,
  omitted_lines bigint not null,
  archived_at bigint not null,
  constraint archived_logs_pkey PRIMARY KEY (id),
  constraint archived_logs_run_key_task_id_map_index_try_number_key UNIQUE (run_key, task_id, map_index, try_number)
);
CREATE INDEX archived_logs_by_age ON public.archived_logs USING btree (archived_at, id, stored_bytes);

create table artifacts (
  id text collate "C" not null,
  kind text collate "C" not null,
  pipeline_id text collate "C" not null,
  pipeline_name text collate "C" not null,
  revision bigint not null,
  plan_hash text collate "C" not null,
  hash text collate "C" not null,
  dag_id text collate "C" not null,
  file_name text collate "C" not null,
  body text collate "C" not null,
  lines text collate "C" not null,
  task_ids text collate "C" not null,
  runtime text collate "C",
  created_at bigint not null,
  constraint artifacts_pkey PRIMARY KEY (id)
);
CREATE INDEX artifacts_by_pipeline ON public.artifacts USING btree (pipeline_id, created_at);

create table audit (
  seq bigint not null,
  id text collate "C" not null,
  at bigint not null,
  actor text collate "C" not null,
  verb text collate "C" not null,
  outcome text collate "C" not null,
  instance_id text collate "C",
  dag_id text collate "C",
  run_id text collate "C",
  task_id text collate "C",
  action_id text collate "C",
  details text collate "C" not null,
  source_ip text collate "C",
  request_id text collate "C",
  prev_hash text collate "C" not null,
  hash text collate "C" not null,
  constraint audit_id_key UNIQUE (id),
  constraint audit_pkey PRIMARY KEY (seq)
);
CREATE INDEX audit_by_actor ON public.audit USING btree (actor, id);
CREATE INDEX audit_by_dag ON public.audit USING btree (dag_id, id);
CREATE INDEX audit_by_instance ON public.audit USING btree (instance_id, id);
CREATE INDEX audit_by_verb ON public.audit USING btree (verb, id);

create table audit_pending (
  id text collate "C" not null,
  at bigint not null,
  actor text collate "C" not null,
  verb text collate "C" not null,
  outcome text collate "C" not null,
  instance_id text collate "C",
  dag_id text collate "C",
  run_id text collate "C",
  task_id text collate "C",
  action_id text collate "C",
  details text collate "C" not null,
  source_ip text collate "C",
  request_id text collate "C",
  constraint audit_pending_pkey PRIMARY KEY (id)
);

create table confirmations (
  run_key text collate "C" not null,
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  run_id text collate "C" not null,
  heard_at bigint not null,
  not_before bigint not null,
  tries bigint not null,
  constraint confirmations_pkey PRIMARY KEY (run_key)
);
CREATE INDEX confirmations_due ON public.confirmations USING btree (instance_id, not_before);

create table dag_tags (
  tag text collate "C" not null,
  dag_id text collate "C" not null,
  instance_id text collate "C" not null,
  constraint dag_tags_pkey PRIMARY KEY (tag, dag_id, instance_id)
);
CREATE INDEX dag_tags_by_dag ON public.dag_tags USING btree (instance_id, dag_id);

create table dag_texts (
  dag_id text collate "C" not null,
  instance_id text collate "C" not null,
  folded_text text collate "C" not null,
  constraint dag_texts_pkey PRIMARY KEY (dag_id, instance_id)
);

create table dags (
  dag_id text collate "C" not null,
  instance_id text collate "C" not null,
  display_name text collate "C" not null,
  description text collate "C",
  is_paused bigint not null,
  is_stale bigint not null,
  has_import_errors bigint not null,
  file text collate "C",
  file_token text collate "C",
  bundle text collate "C",
  owners text collate "C" not null,
  tags text collate "C" not null,
  schedule text collate "C",
  schedule_description text collate "C",
  next_run text collate "C",
  last_parsed_at text collate "C",
  max_active_runs bigint,
  content_hash text collate "C" not null,
  first_seen_at bigint not null,
  observed_at bigint not null,
  gone_at bigint,
  last_run_id text collate "C",
  last_run_state text collate "C",
  last_run_logical_date text collate "C",
  last_run_started_at text collate "C",
  last_run_ended_at text collate "C",
  last_run_observed_at bigint,
  constraint dags_pkey PRIMARY KEY (dag_id, instance_id)
);
CREATE INDEX dags_broken ON public.dags USING btree (dag_id, instance_id) WHERE ((has_import_errors = 1) AND (gone_at IS NULL));
CREATE INDEX dags_by_instance ON public.dags USING btree (instance_id, dag_id, gone_at);
CREATE INDEX dags_by_pause ON public.dags USING btree (is_paused, dag_id, instance_id) WHERE (gone_at IS NULL);
CREATE INDEX dags_by_run_state ON public.dags USING btree (last_run_state, dag_id, instance_id) WHERE ((last_run_state IS NOT NULL) AND (gone_at IS NULL));
CREATE INDEX dags_live ON public.dags USING btree (dag_id, instance_id, is_paused, has_import_errors, last_run_state) WHERE (gone_at IS NULL);

create table deliveries (
  id text collate "C" not null,
  receiver text collate "C" not null,
  type text collate "C" not null,
  state text collate "C" not null,
  dedupe_key text collate "C",
  instance_id text collate "C",
  payload text collate "C" not null,
  attempts bigint not null,
  tries_left bigint not null,
  last_status bigint,
  last_error text collate "C",
  lease_owner text collate "C",
  lease_until bigint,
  fencing_token bigint not null,
  not_before bigint not null,
  created_at bigint not null,
  finished_at bigint,
  constraint deliveries_dedupe_key_key UNIQUE (dedupe_key),
  constraint deliveries_pkey PRIMARY KEY (id)
);
CREATE INDEX deliveries_by_receiver ON public.deliveries USING btree (receiver, id);
CREATE INDEX deliveries_by_state ON public.deliveries USING btree (receiver, state, id);
CREATE INDEX deliveries_finished ON public.deliveries USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX deliveries_pending ON public.deliveries USING btree (receiver, not_before, id) WHERE (state = 'pending'::text);

create table delivery_attempts (
  delivery_id text collate "C" not null,
  attempt bigint not null,
  at bigint not null,
  duration_ms bigint not null,
  status bigint,
  answer text collate "C",
  error text collate "C",
  constraint delivery_attempts_pkey PRIMARY KEY (delivery_id, attempt)
);

create table deployments (
  id text collate "C" not null,
  pipeline_id text collate "C" not null,
  revision bigint not null,
  plan_hash text collate "C" not null,
  artifact_id text collate "C" not null,
  artifact_hash text collate "C" not null,
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  generation bigint not null,
  state text collate "C" not null,
  origin text collate "C" not null,
  requested_by text collate "C" not null,
  is_new bigint not null,
  tasks_changed bigint not null,
  state_times text collate "C" not null,
  error text collate "C",
  target text collate "C",
  target_revision text collate "C",
  progress text collate "C" not null,
  due_at bigint,
  row_version bigint not null,
  created_at bigint not null,
  changed_at bigint not null,
  constraint deployments_instance_id_dag_id_generation_key UNIQUE (instance_id, dag_id, generation),
  constraint deployments_pkey PRIMARY KEY (id)
);
CREATE INDEX deployments_by_instance ON public.deployments USING btree (instance_id, id);
CREATE INDEX deployments_by_pipeline ON public.deployments USING btree (pipeline_id, id);
CREATE INDEX deployments_due ON public.deployments USING btree (due_at, instance_id) WHERE (due_at IS NOT NULL);

create table document_revisions (
  kind text collate "C" not null,
  revision bigint not null,
  constraint document_revisions_pkey PRIMARY KEY (kind)
);

create table documents (
  kind text collate "C" not null,
  id text collate "C" not null,
  body text collate "C" not null,
  sealed text collate "C",
  version bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint documents_pkey PRIMARY KEY (kind, id)
);

create table event_cursors (
  name text collate "C" not null,
  seq bigint not null,
  updated_at bigint not null,
  constraint event_cursors_pkey PRIMARY KEY (name)
);

create table events (
  seq bigint not null,
  id text collate "C" not null,
  at bigint not null,
  kind text collate "C" not null,
  instance_id text collate "C",
  dag_id text collate "C",
  run_id text collate "C",
  tenant text collate "C",
  payload text collate "C" not null,
  constraint events_pkey PRIMARY KEY (seq)
);
CREATE INDEX events_by_time ON public.events USING btree (at);

create table events_pending (
  id text collate "C" not null,
  at bigint not null,
  kind text collate "C" not null,
  instance_id text collate "C",
  dag_id text collate "C",
  run_id text collate "C",
  tenant text collate "C",
  payload text collate "C" not null,
  constraint events_pending_pkey PRIMARY KEY (id)
);

create table executions (
  id text collate "C" not null,
  pipeline_id text collate "C" not null,
  revision bigint,
  artifact_hash text collate "C",
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  run_id text collate "C" not null,
  run_key text collate "C" not null,
  trigger_id text collate "C",
  schedule_id text collate "C",
  tick bigint,
  scope text collate "C",
  request_hash text collate "C",
  trigger_type text collate "C" not null,
  triggered_by text collate "C" not null,
  is_discovered bigint not null,
  status text collate "C" not null,
  stage text collate "C" not null,
  stage_note text collate "C",
  started_at text collate "C",
  completed_at text collate "C",
  sealed_params text collate "C",
  engine_state text collate "C",
  result text collate "C",
  error_code text collate "C",
  error_message text collate "C",
  error_trace text collate "C",
  metrics text collate "C" not null,
  cancelled_by text collate "C",
  cancelled_at bigint,
  work_at bigint,
  lease_until bigint,
  fencing_token bigint not null,
  attempts bigint not null,
  deadline_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  constraint executions_pkey PRIMARY KEY (id),
  constraint executions_run_key_key UNIQUE (run_key),
  constraint executions_scope_key UNIQUE (scope)
);
CREATE INDEX executions_by_age ON public.executions USING btree (created_at, id);
CREATE INDEX executions_by_instance ON public.executions USING btree (instance_id, created_at, id);
CREATE INDEX executions_by_pipeline ON public.executions USING btree (pipeline_id, created_at, id);
CREATE INDEX executions_by_schedule ON public.executions USING btree (schedule_id, status, created_at) WHERE (schedule_id IS NOT NULL);
CREATE INDEX executions_by_status ON public.executions USING btree (status, created_at, id);
CREATE INDEX executions_due ON public.executions USING btree (work_at) WHERE (work_at IS NOT NULL);

create table idempotency_keys (
  scope text collate "C" not null,
  actor text collate "C" not null,
  method text collate "C" not null,
  route text collate "C" not null,
  request_hash text collate "C" not null,
  holder text collate "C" not null,
  outstanding_until bigint,
  status bigint,
  sealed_body text collate "C",
  created_at bigint not null,
  expires_at bigint not null,
  constraint idempotency_keys_pkey PRIMARY KEY (scope)
);
CREATE INDEX idempotency_keys_expired ON public.idempotency_keys USING btree (expires_at);

create table import_errors (
  instance_id text collate "C" not null,
  error_id text collate "C" not null,
  file text collate "C" not null,
  bundle text collate "C",
  stack_trace text collate "C" not null,
  at text collate "C",
  observed_at bigint not null,
  constraint import_errors_pkey PRIMARY KEY (instance_id, error_id)
);

create table instances (
  id text collate "C" not null,
  folded_id text collate "C" not null,
  config text collate "C" not null,
  sealed text collate "C" not null,
  version bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint instances_folded_id_key UNIQUE (folded_id),
  constraint instances_pkey PRIMARY KEY (id)
);

create table known_instances (
  id text collate "C" not null,
  source text collate "C" not null,
  enabled bigint not null,
  first_seen_at bigint not null,
  last_seen_at bigint not null,
  constraint known_instances_pkey PRIMARY KEY (id)
);

create table leases (
  name text collate "C" not null,
  owner text collate "C" not null,
  term bigint not null,
  expires_at bigint not null,
  constraint leases_pkey PRIMARY KEY (name)
);

create table log_archive_queue (
  run_key text collate "C" not null,
  queued_at bigint not null,
  not_before bigint not null,
  attempts bigint not null,
  constraint log_archive_queue_pkey PRIMARY KEY (run_key)
);
CREATE INDEX log_archive_queue_due ON public.log_archive_queue USING btree (not_before, run_key);

create table members (
  id text collate "C" not null,
  hostname text collate "C" not null,
  pid bigint not null,
  roles text collate "C" not null,
  started_at bigint not null,
  seen_at bigint not null,
  constraint members_pkey PRIMARY KEY (id)
);

create table observations (
  run_pk bigint not null,
  number bigint not null,
  at bigint not null,
  recorded_at bigint not null,
  source text collate "C" not null,
  kind text collate "C" not null,
  state text collate "C" not null,
  engine_state text collate "C",
  constraint observations_pkey PRIMARY KEY (run_pk, number)
);

create table open_failures (
  due_at bigint not null,
  run_pk bigint not null,
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  constraint open_failures_pkey PRIMARY KEY (due_at, run_pk)
);
CREATE INDEX open_failures_by_place ON public.open_failures USING btree (instance_id, dag_id, due_at);
CREATE INDEX open_failures_by_run ON public.open_failures USING btree (run_pk);

create table pipeline_terms (
  kind text collate "C" not null,
  term text collate "C" not null,
  pipeline_id text collate "C" not null,
  constraint pipeline_terms_pkey PRIMARY KEY (kind, term, pipeline_id)
);
CREATE INDEX pipeline_terms_by_pipeline ON public.pipeline_terms USING btree (pipeline_id);

create table pipeline_versions (
  pipeline_id text collate "C" not null,
  revision bigint not null,
  content text collate "C" not null,
  plan_hash text collate "C",
  author text collate "C" not null,
  note text collate "C",
  created_at bigint not null,
  constraint pipeline_versions_pkey PRIMARY KEY (pipeline_id, revision)
);

create table pipelines (
  id text collate "C" not null,
  name text collate "C" not null,
  description text collate "C",
  version text collate "C" not null,
  config text collate "C" not null,
  nodes bigint not null,
  schedule text collate "C",
  is_scheduled bigint not null,
  time_zone text collate "C" not null,
  status text collate "C" not null,
  tags text collate "C" not null,
  default_params text collate "C" not null,
  owner text collate "C",
  tenant text collate "C",
  environments text collate "C" not null,
  folded_text text collate "C" not null,
  revision bigint not null,
  plan_hash text collate "C",
  first_scheduled_at bigint,
  created_by text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  removed_at bigint,
  constraint pipelines_pkey PRIMARY KEY (id)
);
CREATE INDEX pipelines_by_age ON public.pipelines USING btree (created_at, id) WHERE (removed_at IS NULL);
CREATE INDEX pipelines_removed ON public.pipelines USING btree (removed_at) WHERE (removed_at IS NOT NULL);

create table probes (
  instance_id text collate "C" not null,
  result text collate "C",
  observed_at bigint,
  breaker text collate "C" not null,
  breaker_until bigint,
  breaker_at bigint not null,
  constraint probes_pkey PRIMARY KEY (instance_id)
);

create table readings (
  instance_id text collate "C" not null,
  feed text collate "C" not null,
  attempted_at bigint not null,
  succeeded_at bigint,
  duration_ms bigint not null,
  server_time bigint,
  watermark text collate "C",
  error_code text collate "C",
  error_message text collate "C",
  error_at bigint,
  constraint readings_pkey PRIMARY KEY (instance_id, feed)
);

create table rejected_reports (
  id text collate "C" not null,
  source text collate "C" not null,
  message_id text collate "C",
  instance_id text collate "C",
  body text collate "C" not null,
  is_cut bigint not null,
  reason_code text collate "C" not null,
  reason text collate "C" not null,
  sent_at bigint,
  received_at bigint not null,
  tries bigint not null,
  constraint rejected_reports_pkey PRIMARY KEY (id)
);
CREATE INDEX rejected_reports_by_instance ON public.rejected_reports USING btree (instance_id, id);
CREATE UNIQUE INDEX rejected_reports_by_message ON public.rejected_reports USING btree (message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX rejected_reports_by_time ON public.rejected_reports USING btree (received_at);

create table removed_runs (
  key text collate "C" not null,
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  due_at bigint not null,
  begun_at bigint not null,
  removed_at bigint not null,
  constraint removed_runs_pkey PRIMARY KEY (key)
);
CREATE INDEX removed_runs_by_age ON public.removed_runs USING btree (removed_at);

create table reported_details (
  run_key text collate "C" not null,
  part text collate "C" not null,
  value text collate "C" not null,
  category text collate "C",
  is_cut bigint not null,
  received_at bigint not null,
  constraint reported_details_pkey PRIMARY KEY (run_key, part)
);
CREATE INDEX reported_details_by_time ON public.reported_details USING btree (received_at);

create table reported_tasks (
  run_key text collate "C" not null,
  task_id text collate "C" not null,
  map_index bigint not null,
  try_number bigint not null,
  state text collate "C" not null,
  started_at text collate "C",
  ended_at text collate "C",
  hostname text collate "C",
  pid bigint,
  process_ends bigint not null,
  received_at bigint not null,
  constraint reported_tasks_pkey PRIMARY KEY (run_key, task_id, map_index, try_number)
);
CREATE INDEX reported_tasks_by_time ON public.reported_tasks USING btree (received_at);

create table reports (
  id text collate "C" not null,
  source text collate "C" not null,
  message_id text collate "C",
  content_hash text collate "C" not null,
  run_key text collate "C" not null,
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  run_id text collate "C" not null,
  kind text collate "C" not null,
  task_id text collate "C",
  try_number bigint,
  map_index bigint,
  message text collate "C" not null,
  is_cut bigint not null,
  is_error bigint not null,
  sent_at bigint not null,
  received_at bigint not null,
  format text collate "C" not null,
  run_state text collate "C",
  constraint reports_message_id_key UNIQUE (message_id),
  constraint reports_pkey PRIMARY KEY (id)
);
CREATE INDEX reports_by_content ON public.reports USING btree (content_hash, sent_at);
CREATE INDEX reports_by_instance ON public.reports USING btree (instance_id, id);
CREATE INDEX reports_by_run ON public.reports USING btree (run_key, sent_at, id);
CREATE INDEX reports_by_time ON public.reports USING btree (received_at);

create table rule_applications (
  id text collate "C" not null,
  state text collate "C" not null,
  actor text collate "C" not null,
  rules text collate "C" not null,
  instances text collate "C",
  position text collate "C",
  examined_runs bigint not null,
  matched_runs bigint not null,
  added_subjects bigint not null,
  failures bigint not null,
  last_error text collate "C",
  created_at bigint not null,
  updated_at bigint not null,
  finished_at bigint,
  constraint rule_applications_pkey PRIMARY KEY (id)
);
CREATE INDEX rule_applications_open ON public.rule_applications USING btree (id) WHERE (finished_at IS NULL);

create table rule_tallies (
  rule_id text collate "C" not null,
  matched_runs bigint not null,
  subjects bigint not null,
  failures bigint not null,
  last_matched_at bigint,
  last_error text collate "C",
  last_error_at bigint,
  constraint rule_tallies_pkey PRIMARY KEY (rule_id)
);

create table run_conf (
  name text collate "C" not null,
  value text collate "C" not null,
  due_at bigint not null,
  run_pk bigint not null,
  constraint run_conf_pkey PRIMARY KEY (name, value, due_at, run_pk)
);

create table run_dags (
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  last_success_run bigint,
  last_success_due bigint,
  removed_due bigint,
  removed_begun bigint,
  constraint run_dags_pkey PRIMARY KEY (instance_id, dag_id)
);

create table run_subjects (
  subject_pk bigint not null,
  due_at bigint not null,
  run_pk bigint not null,
  constraint run_subjects_pkey PRIMARY KEY (subject_pk, due_at, run_pk)
);
CREATE INDEX run_subjects_by_run ON public.run_subjects USING btree (run_pk, subject_pk);

create table run_tasks (
  run_pk bigint not null,
  task_id text collate "C" not null,
  map_index bigint not null,
  state text collate "C" not null,
  task text collate "C" not null,
  observed_at bigint not null,
  constraint run_tasks_pkey PRIMARY KEY (run_pk, task_id, map_index)
);

create table run_tries (
  run_pk bigint not null,
  task_id text collate "C" not null,
  map_index bigint not null,
  try_number bigint not null,
  task text collate "C" not null,
  observed_at bigint not null,
  constraint run_tries_pkey PRIMARY KEY (run_pk, task_id, map_index, try_number)
);

create table runs (
  id bigint not null,
  key text collate "C" not null,
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  run_id text collate "C" not null,
  state text collate "C" not null,
  partial bigint not null,
  due_at bigint not null,
  read_at bigint not null,
  gone_at bigint,
  read_state text collate "C",
  engine_state text collate "C",
  hollow text collate "C",
  type text collate "C",
  logical_date text collate "C",
  interval_start text collate "C",
  interval_end text collate "C",
  run_after text collate "C",
  queued_at text collate "C",
  started_at text collate "C",
  ended_at text collate "C",
  started_ms bigint,
  ended_ms bigint,
  stopped_at bigint,
  stopped_started_at text collate "C",
  triggered_by text collate "C",
  trigger_id text collate "C",
  discovered_by text collate "C" not null,
  subjects_total bigint not null,
  observations_total bigint not null,
  tasks_at bigint,
  first_seen_at bigint not null,
  changed_at bigint not null,
  version_numbers text collate "C" not null,
  heard text collate "C",
  note text collate "C",
  conf text collate "C",
  constraint runs_key_key UNIQUE (key),
  constraint runs_pkey PRIMARY KEY (id)
);
CREATE INDEX runs_alone ON public.runs USING btree (instance_id, dag_id, state, due_at, id) WHERE (subjects_total = 0);
CREATE INDEX runs_by_dag ON public.runs USING btree (dag_id, due_at, id);
CREATE INDEX runs_by_dag_state ON public.runs USING btree (dag_id, state, due_at, id) WHERE (state <> 'success'::text);
CREATE INDEX runs_by_due ON public.runs USING btree (due_at, id);
CREATE INDEX runs_by_end ON public.runs USING btree (ended_ms, id) WHERE (ended_ms IS NOT NULL);
CREATE INDEX runs_by_instance ON public.runs USING btree (instance_id, due_at, id);
CREATE INDEX runs_by_instance_state ON public.runs USING btree (instance_id, state, due_at, id) WHERE (state <> 'success'::text);
CREATE INDEX runs_by_place ON public.runs USING btree (instance_id, dag_id, due_at, id);
CREATE INDEX runs_by_state ON public.runs USING btree (state, due_at, id) WHERE (state <> 'success'::text);
CREATE INDEX runs_by_trigger ON public.runs USING btree (trigger_id) WHERE (trigger_id IS NOT NULL);
CREATE INDEX runs_live ON public.runs USING btree (instance_id, read_at, id) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

create table runtimes (
  name text collate "C" not null,
  files text collate "C" not null,
  created_at bigint not null,
  constraint runtimes_pkey PRIMARY KEY (name)
);

create table schedules (
  id text collate "C" not null,
  pipeline_id text collate "C" not null,
  name text collate "C" not null,
  description text collate "C",
  definition text collate "C" not null,
  sealed_params text collate "C",
  is_active bigint not null,
  run_by text collate "C" not null,
  is_primary bigint not null,
  epoch bigint not null,
  anchor bigint not null,
  next_tick bigint,
  last_tick bigint,
  lease_until bigint,
  fencing_token bigint not null,
  version bigint not null,
  created_by text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint schedules_pkey PRIMARY KEY (id)
);
CREATE INDEX schedules_by_age ON public.schedules USING btree (created_at, id);
CREATE INDEX schedules_by_pipeline ON public.schedules USING btree (pipeline_id, created_at, id);
CREATE INDEX schedules_due ON public.schedules USING btree (next_tick) WHERE (next_tick IS NOT NULL);
CREATE UNIQUE INDEX schedules_primary ON public.schedules USING btree (pipeline_id) WHERE (is_primary = 1);

create table sequences (
  name text collate "C" not null,
  seq bigint not null,
  hash text collate "C" not null,
  constraint sequences_pkey PRIMARY KEY (name)
);

create table settings (
  key text collate "C" not null,
  value text collate "C" not null,
  updated_at bigint not null,
  constraint settings_pkey PRIMARY KEY (key)
);

create table stops (
  action_id text collate "C" not null,
  run_key text collate "C" not null,
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  run_id text collate "C" not null,
  stage text collate "C" not null,
  run_started_at text collate "C",
  begun_at bigint not null,
  stopped_at bigint,
  until bigint not null,
  deleted_at bigint,
  tasks text collate "C" not null,
  changed_at bigint not null,
  constraint stops_pkey PRIMARY KEY (action_id)
);
CREATE INDEX stops_by_change ON public.stops USING btree (changed_at);
CREATE INDEX stops_by_run ON public.stops USING btree (run_key, action_id);

create table store_facts (
  name text collate "C" not null,
  value text collate "C" not null,
  constraint store_facts_pkey PRIMARY KEY (name)
);

create table subjects (
  id bigint not null,
  hash text collate "C" not null,
  type text collate "C" not null,
  sort_id text collate "C" not null,
  state text collate "C" not null,
  runs_total bigint not null,
  runs_success bigint not null,
  runs_failed bigint not null,
  runs_active bigint not null,
  pending_total bigint not null,
  newest_run bigint,
  newest_due bigint,
  current_run bigint,
  current_due bigint,
  finished_run bigint,
  finished_due bigint,
  last_success_run bigint,
  last_success_due bigint,
  last_success_ended bigint not null,
  last_failure_run bigint,
  last_failure_due bigint,
  first_seen_at bigint not null,
  changed_at bigint not null,
  external_id text collate "C" not null,
  label text collate "C",
  url text collate "C",
  folded_text text collate "C" not null,
  constraint subjects_hash_key UNIQUE (hash),
  constraint subjects_pkey PRIMARY KEY (id)
);
CREATE INDEX subjects_by_id ON public.subjects USING btree (type, sort_id, id);
CREATE INDEX subjects_by_state ON public.subjects USING btree (state, type, sort_id, id);
CREATE INDEX subjects_by_success ON public.subjects USING btree (last_success_ended, id);
CREATE INDEX subjects_by_type_success ON public.subjects USING btree (type, last_success_ended, id);

create table tokens (
  id text collate "C" not null,
  name text collate "C" not null,
  role text collate "C" not null,
  instances text collate "C" not null,
  tenant text collate "C",
  secret_hash text collate "C" not null,
  created_by text collate "C" not null,
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint,
  revoked_at bigint,
  constraint tokens_pkey PRIMARY KEY (id)
);

create table trigger_attempts (
  trigger_id text collate "C" not null,
  number bigint not null,
  at bigint not null,
  method text collate "C",
  path text collate "C",
  request text collate "C",
  status bigint,
  answer text collate "C",
  is_cut bigint not null,
  duration_ms bigint,
  error text collate "C",
  constraint trigger_attempts_pkey PRIMARY KEY (trigger_id, number)
);

create table trigger_requests (
  id text collate "C" not null,
  scope text collate "C",
  request_hash text collate "C" not null,
  actor text collate "C" not null,
  facts text collate "C" not null,
  created_at bigint not null,
  constraint trigger_requests_pkey PRIMARY KEY (id),
  constraint trigger_requests_scope_key UNIQUE (scope)
);
CREATE INDEX trigger_requests_by_time ON public.trigger_requests USING btree (created_at);

create table trigger_subjects (
  subject_pk bigint not null,
  trigger_id text collate "C" not null,
  is_pending bigint not null,
  constraint trigger_subjects_pkey PRIMARY KEY (subject_pk, trigger_id)
);
CREATE INDEX trigger_subjects_by_trigger ON public.trigger_subjects USING btree (trigger_id, subject_pk);
CREATE INDEX trigger_subjects_pending ON public.trigger_subjects USING btree (subject_pk, trigger_id) WHERE (is_pending = 1);

create table triggers (
  id text collate "C" not null,
  request_id text collate "C" not null,
  position bigint not null,
  is_keyed bigint not null,
  action_id text collate "C" not null,
  instance_id text collate "C" not null,
  dag_id text collate "C" not null,
  run_id text collate "C" not null,
  state text collate "C" not null,
  actor text collate "C" not null,
  request text collate "C" not null,
  conf_hash text collate "C" not null,
  subjects text collate "C" not null,
  subjects_total bigint not null,
  warnings text collate "C" not null,
  error_code text collate "C",
  error_message text collate "C",
  expires_at bigint,
  created_at bigint not null,
  changed_at bigint not null,
  finished_at bigint,
  look_at bigint,
  dropped_at bigint,
  constraint triggers_action_id_key UNIQUE (action_id),
  constraint triggers_pkey PRIMARY KEY (id)
);
CREATE INDEX triggers_by_actor ON public.triggers USING btree (actor, id) WHERE (dropped_at IS NULL);
CREATE INDEX triggers_by_dag ON public.triggers USING btree (dag_id, id) WHERE (dropped_at IS NULL);
CREATE INDEX triggers_by_instance ON public.triggers USING btree (instance_id, id) WHERE (dropped_at IS NULL);
CREATE INDEX triggers_by_request ON public.triggers USING btree (request_id, "position");
CREATE INDEX triggers_by_run ON public.triggers USING btree (instance_id, dag_id, run_id);
CREATE INDEX triggers_by_state ON public.triggers USING btree (state, id) WHERE (dropped_at IS NULL);
CREATE INDEX triggers_finished ON public.triggers USING btree (finished_at, id) WHERE ((finished_at IS NOT NULL) AND (dropped_at IS NULL));
CREATE INDEX triggers_listed ON public.triggers USING btree (id) WHERE (dropped_at IS NULL);
CREATE INDEX triggers_watched ON public.triggers USING btree (look_at) WHERE (look_at IS NOT NULL);

create table waiting_reports (
  report_id text collate "C" not null,
  instance_id text collate "C" not null,
  run_key text collate "C" not null,
  content text collate "C" not null,
  received_at bigint not null,
  constraint waiting_reports_pkey PRIMARY KEY (report_id)
);

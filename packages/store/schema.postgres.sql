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

create table members (
  id text collate "C" not null,
  hostname text collate "C" not null,
  pid bigint not null,
  roles text collate "C" not null,
  started_at bigint not null,
  seen_at bigint not null,
  constraint members_pkey PRIMARY KEY (id)
);

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

create table store_facts (
  name text collate "C" not null,
  value text collate "C" not null,
  constraint store_facts_pkey PRIMARY KEY (name)
);

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

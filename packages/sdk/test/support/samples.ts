import type { RouteOutput, ROUTES } from "@airfleet/contract";

type Action = RouteOutput<(typeof ROUTES)["getAction"]>;
type Instance = RouteOutput<(typeof ROUTES)["getInstance"]>;
type Run = RouteOutput<(typeof ROUTES)["getRun"]>;
type Cell = RouteOutput<(typeof ROUTES)["getFleetDag"]>["cells"][number];

const AT = "2026-11-20T03:00:00Z";

export const action = (fields: Partial<Action> = {}): Action => ({
  id: "act_1",
  trigger_id: null,
  verb: "dag:pause",
  state: "done",
  actor: "local",
  instance: "eu-1",
  dag_id: "orders",
  dag_run_id: null,
  task_id: null,
  map_index: null,
  request: {},
  before: null,
  after: null,
  warnings: [],
  error: null,
  attempts: 1,
  created_at: AT,
  finished_at: AT,
  ...fields,
});

export const instance = (fields: Partial<Instance> = {}): Instance => ({
  id: "eu-1",
  name: "Europe",
  description: null,
  engine: "airflow",
  url: "http://10.0.0.1:8080",
  enabled: true,
  tier: "development",
  labels: {},
  auth: { type: "basic", username: "airfleet" },
  tls_insecure: false,
  source: "airfleet.yaml",
  version: 3,
  status: {
    state: "healthy",
    version: "3.3.2",
    generation: 3,
    support: "tested",
    latency_ms: 12.5,
    clock_skew_ms: 0,
    components: [],
    breaker: "closed",
    observed_at: AT,
    dags_observed_at: AT,
    stale: false,
    error: null,
  },
  ...fields,
});

export const run = (fields: Partial<Run> = {}): Run => ({
  instance: "eu-1",
  dag_id: "orders",
  dag_run_id: "af_01",
  state: "failed",
  engine_state: "failed",
  run_type: "manual",
  logical_date: AT,
  data_interval_start: null,
  data_interval_end: null,
  run_after: null,
  queued_at: null,
  started_at: AT,
  ended_at: null,
  duration_seconds: 12,
  conf: {},
  note: null,
  triggered_by: null,
  ui_url: "http://10.0.0.1:8080/x",
  observed_at: AT,
  ...fields,
});

export const cell = (fields: Partial<Cell> = {}): Cell => ({
  instance: "eu-1",
  display_name: "orders",
  description: null,
  is_paused: false,
  is_stale: false,
  has_import_errors: false,
  file: "orders.py",
  owners: [],
  tags: ["tier1"],
  schedule: "0 3 * * *",
  schedule_description: null,
  next_run: null,
  last_run: null,
  last_parsed_at: null,
  observed_at: AT,
  stale: false,
  ...fields,
});

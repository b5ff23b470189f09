import { lookRun, type ReplayContext } from "./replay-context.ts";

/** Brings an instance into the state that a sample was recorded in. */
export type Given = (context: ReplayContext) => Promise<void> | void;

const VARIABLE = { key: "t_var_78097", value: "v1", description: "d" };
const CONNECTION = {
  connection_id: "t_conn_78097",
  conn_type: "http",
  host: "h.example",
  login: "u",
  password: "hunter2",
  port: 8080,
  schema: "https",
  extra: '{"token": "sekret", "plain": "x"}',
};
const POOL = { name: "t_pool_78097", slots: 3, description: "d", include_deferred: false };

const all =
  (...steps: readonly Given[]): Given =>
  async (context) => {
    for (const step of steps) await step(context);
  };

const run =
  (dagId: string, runId: string, more: object = {}): Given =>
  (context) =>
    context.trigger(dagId, runId, more);
const after =
  (seconds: number): Given =>
  (context) =>
    context.advance(seconds);
const sent =
  (method: string, path: string, body?: unknown): Given =>
  async (context) => {
    await context.send(method, path, body);
  };

const failedRun = all(run("t_fail", "cl_77600"), after(60));
const sleeping = (runId: string): Given => all(run("t_sleep", runId), after(5));
const stopped = (runId: string): Given =>
  all(sleeping(runId), sent("PATCH", `/dags/t_sleep/dagRuns/${runId}`, { state: "failed" }), after(10));
const pausedRuns = all(run("t_paused", "pl+usc1a8b7"), run("t_paused", "co:lonc1a8b7"), run("t_paused", "pq__c1a8b7"));
const many: Given = all(
  sent("PATCH", "/dags/t_many_000", { is_paused: true }),
  run("t_many_000", "m_000"),
  run("t_many_000", "m_003"),
  run("t_many_000", "m_004"),
);
const asset = all(
  (context) =>
    context.generation === 2
      ? sent("POST", "/datasets/events", { dataset_uri: "s3://bucket/t_asset/key", extra: { k: "v" } })(context)
      : sent("POST", "/assets/events", { asset_id: 1, extra: { k: "v" } })(context),
  after(30),
);
const variable = sent("POST", "/variables", VARIABLE);
const secret = sent("POST", "/variables", { key: "t_password_78097", value: "hunter2" });
const connection = sent("POST", "/connections", CONNECTION);
const pool = sent("POST", "/pools", POOL);
const backfill = sent("POST", "/backfills", {
  dag_id: "t_sched",
  from_date: "2026-11-02T00:00:00Z",
  to_date: "2026-11-06T00:00:00Z",
  max_active_runs: 1,
});
const logs = (context: ReplayContext) => all(run("t_logs", lookRun(context.generation)), after(10))(context);
const broken =
  (dagId: string): Given =>
  ({ instance }) =>
    instance.breakDag(dagId);
const takenDate = (context: ReplayContext) =>
  run("t_ok", "dated", {
    logical_date: context.generation === 2 ? "2026-03-01T00:00:00.177206Z" : "2026-03-03T00:00:00.177217Z",
  })(context);
const bulkVariables = all(
  sent("POST", "/variables", { key: "t_b178097", value: "1" }),
  sent("POST", "/variables", { key: "t_b278097", value: "2" }),
  sent("POST", "/variables", { key: "t_b378097", value: "3" }),
);

/** What everybody looks at: runs of every kind, ended and waiting. For samples that change nothing. */
export const sharedGiven: Given = all(
  run("t_ok", "cp__1c1a8b7", { conf: { a: 1 }, note: "by test" }),
  takenDate,
  (context) => run("t_fail", lookRun(context.generation))(context),
  (context) => run("t_map", lookRun(context.generation))(context),
  run("t_fail", "cl_77600"),
  pausedRuns,
  many,
  stopped("cx3_77316"),
  run("t_ok", "ev_78232"),
  asset,
  broken("t_dep1"),
  after(60),
  sent("PATCH", "/dags/t_ok/dagRuns/ev_78232", { state: "failed" }),
  sent("PATCH", "/dags/t_ok/dagRuns/ev_78232/taskInstances/a", { new_state: "success" }),
  sent("POST", "/dags/t_fail/dagRuns/cl_77600/clear", { dry_run: false }),
  after(30),
  logs,
  run("t_logs", "ll_78232"),
  after(8),
  variable,
  connection,
  pool,
);

const VARIABLE_SAMPLES = {
  variable_create_conflict: variable,
  variable_get: variable,
  variable_get_secret: secret,
  variable_patch: variable,
  variable_delete: variable,
  variable_create: () => undefined,
  variable_create_secret: () => undefined,
  variables_bulk: () => undefined,
  variables_bulk_conflict: bulkVariables,
  variables_bulk_delete: bulkVariables,
  connection_create: () => undefined,
  connection_create_conflict: connection,
  connection_patch: connection,
  connection_delete: connection,
  connections_bulk: () => undefined,
  pool_create: () => undefined,
  pool_create_conflict: pool,
  pool_patch: pool,
  pool_delete: pool,
  pools_bulk: () => undefined,
} satisfies Record<string, Given>;

/** Samples that change something, or need a state of their own: each gets an instance for itself. */
export const ownGiven: Readonly<Record<string, Given>> = {
  ...VARIABLE_SAMPLES,
  asset_event_create: () => undefined,
  dataset_event_create: () => undefined,
  asset_materialize: () => undefined,
  assets_list: () => undefined,
  backfill_create: () => undefined,
  backfill_conflict: backfill,
  backfill_cancel: all(backfill, after(5)),
  backfill_cancel_again: all(backfill, sent("PUT", "/backfills/1/cancel")),
  clear_ti: failedRun,
  clear_ti_dry_run: failedRun,
  dagrun_clear: failedRun,
  dagrun_clear_dry_run: failedRun,
  dagrun_clear_only_failed_dry_run: failedRun,
  dag_delete: () => undefined,
  dag_get: () => undefined,
  dag_patch_pause: () => undefined,
  dag_patch_unpause: sent("PATCH", "/dags/t_ok", { is_paused: true }),
  dag_versions: () => undefined,
  dags_bulk_pause: () => undefined,
  dagrun_delete: stopped("cx1_77316"),
  dagrun_delete_running: sleeping("cx6_77316"),
  dagrun_get_failed: stopped("cx1_77316"),
  dagrun_get_success: all(
    sleeping("cx5_77316"),
    sent("PATCH", "/dags/t_sleep/dagRuns/cx5_77316", { state: "success" }),
    after(30),
  ),
  dagrun_patch_failed: sleeping("cx1_77316"),
  dagrun_patch_success: sleeping("cx5_77316"),
  dagrun_patch_bad_state: sleeping("cx3_77316"),
  dagrun_set_note: stopped("cx3_77316"),
  dagrun_wait: run("t_fail", "wt2_78232", { conf: { ok: true } }),
  dagrun_wait_missing_interval: run("t_fail", "wt2_78232", { conf: { ok: true } }),
  dags_list: () => undefined,
  dags_list_by_tag: () => undefined,
  dags_limit_zero: () => undefined,
  dags_unknown_query_param: () => undefined,
  parse_dag_file: () => undefined,
  ti_patch_failed: sleeping("cx3_77316"),
  trigger_ok: () => undefined,
  trigger_paused_dag: () => undefined,
  trigger_missing_logical_date: () => undefined,
  trigger_run_after: () => undefined,
  trigger_duplicate_logical_date: takenDate,
  trigger_import_error: all(broken("t_dep1"), broken("t_brk")),
  trigger_removed_dag: ({ instance }) => instance.removeFile("t_dep1"),
};

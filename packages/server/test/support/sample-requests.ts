import { ROUTES, type RouteId } from "@airfleet/contract";

/** Values that fit the paths of the contract, against the fake control's instances. */
const PARAMS: Readonly<Record<string, string>> = {
  instance: "client1",
  dag_id: "orders",
  dag_run_id: "run-1",
  task_id: "load",
  kind: "variable",
  key: "region",
  action: "act_1",
  run: "run_1",
  token: "tok_1",
  webhook: "shop",
  delivery: "msg_1",
  alert: "alr_1",
  type: "thing",
  id: "1",
  report: "rej_1",
  source: "source-1",
  rule: "rule-1",
  application: "rap_1",
  policy: "policy-1",
  trigger: "trg_1",
  pipeline: "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11",
  revision: "1",
  module: "csv-extractor",
  connection: "warehouse",
  deployment: "dpl_1",
  execution: "5d0c8a56-3a52-4c7e-9b0a-0f2f6d1c9e22",
  schedule: "0d3c8a56-3a52-4c7e-9b0a-0f2f6d1c9e33",
};

/** Bodies that routes need; the others take none or an empty one. */
const BODIES: Readonly<Partial<Record<RouteId, unknown>>> = {
  createInstance: { id: "client9", url: "http://client9.example.org:8080" },
  stopFleetRuns: { selector: "state=running" },
  createTriggers: { instances: ["client1"], dag_id: "orders" },
  createTriggerBatch: { items: [{ instances: ["client1"], dag_id: "orders" }] },
  lookupSubjects: { subjects: [{ type: "thing", id: "1" }] },
  addRunSubjects: { subjects: [{ type: "thing", id: "1" }] },
  putSubjectRule: { dags: ["*"], instances: ["client1"], subjects: [{ type: "thing", id: "{{ conf.id }}" }] },
  putRetentionPolicy: { rule: { keep: "everything" }, scope: { instance: "client1" } },
  postReports: { dag_id: "d", dag_run_id: "r" },
  postSourceReports: [{ dag_id: "d", dag_run_id: "r" }],
  putTriggerKey: {
    instance: "client1",
    keys: [{ type: "public", key_id: "k1", algorithm: "EdDSA", public_key: "-----BEGIN PUBLIC KEY-----" }],
  },
  sendReports: {
    version: 1,
    event_id: "event-0001",
    instance: "client1",
    dag_id: "orders",
    dag_run_id: "run-1",
    sent_at: "2026-11-20T03:04:05Z",
    run: { state: "running" },
  },
  putReportSource: { unsigned: "allow" },
  putEventSource: { type: "http", instance: "client1" },
  createPipeline: { name: "Paid orders", environments: { dev: ["client1"] } },
  importPipeline: { name: "Paid orders", nodes: [], edges: [] },
  restorePipeline: { revision: 1 },
  createConnection: { id: "warehouse", kind: "postgres" },
  putConnection: { kind: "postgres" },
  deployPipeline: { instances: ["client1"], dry_run: true },
  promotePipeline: { from: "client1", to: "client1", dry_run: true },
  createSchedule: { pipeline_id: "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11", name: "nightly", frequency: "daily" },
  setScheduleStatus: { status: "paused" },
  createSession: { token: "aft_viewer" },
  createWebhook: { id: "shop", url: "https://shop.example.org/hook", instances: ["client1"] },
  putWebhook: { url: "https://shop.example.org/hook", instances: ["client1"] },
  putAlertRule: { condition: "import_error", instances: ["client1"] },
  snoozeAlert: { until: null },
  createToken: { name: "mine", role: "viewer", instances: ["client1"] },
  patchDag: { is_paused: true },
  patchInstance: { enabled: true },
  patchRun: { state: "failed" },
  patchTask: { state: "success" },
  putInstanceConfig: { value: "eu" },
};

/** Queries that routes cannot do without. */
const QUERIES: Readonly<Partial<Record<RouteId, string>>> = { getSubjectByRef: "?type=thing&id=1" };

/** A valid request for a route: method, path and body. */
export const sampleRequest = (
  id: RouteId,
  params: Readonly<Record<string, string>> = {},
): { readonly method: string; readonly path: string; readonly body: unknown } => {
  const route = ROUTES[id];
  const path = route.path.replaceAll(/\{([a-z_]+)\}/g, (_whole, name: string) =>
    encodeURIComponent(params[name] ?? PARAMS[name] ?? "unnamed"),
  );
  const body = BODIES[id] ?? ("body" in route ? {} : undefined);
  return { method: route.method, path: `${path}${QUERIES[id] ?? ""}`, body };
};

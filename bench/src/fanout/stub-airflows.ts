import { createServer } from "node:http";

/**
 * N servers in one process that answer `GET /api/v1/dags` after a fixed time with a body of a given number of DAGs, as an
 * Airflow 2 would; and, when asked, one more that accepts and never answers.
 * Usage: stub-airflows.ts FIRST_PORT COUNT LATENCY_MS DAGS [hang]
 */
const [firstPort = 0, count = 0, latencyMs = 0, dags = 0] = process.argv.slice(2, 6).map(Number);
const hang = process.argv[6] === "hang";

const dag = (instance: number, index: number): Record<string, unknown> => ({
  dag_id: `orders_load_${index}`,
  dag_display_name: `orders_load_${index}`,
  description: `Loads partition ${index} of the orders of instance ${instance} into the warehouse and refreshes its marts`,
  default_view: "grid",
  fileloc: `/opt/airflow/dags/repo/generated/orders_load_${index}.py`,
  file_token: `Ii9vcHQvYWlyZmxvdy9kYWdzL3JlcG8vZ2VuZXJhdGVkL29yZGVyc19sb2Fk.${"k".repeat(56)}${index}`,
  has_import_errors: false,
  has_task_concurrency_limits: false,
  is_active: true,
  is_paused: index % 3 === 0,
  is_subdag: false,
  last_expired: null,
  last_parsed_time: "2026-11-20T12:19:17.377996+00:00",
  last_pickled: null,
  max_active_runs: 16,
  max_active_tasks: 16,
  max_consecutive_failed_dag_runs: 0,
  next_dagrun: "2026-11-20T03:00:00+00:00",
  next_dagrun_create_after: "2026-11-21T03:00:00+00:00",
  next_dagrun_data_interval_end: "2026-11-21T03:00:00+00:00",
  next_dagrun_data_interval_start: "2026-11-20T03:00:00+00:00",
  owners: ["data-platform"],
  pickle_id: null,
  root_dag_id: null,
  schedule_interval: { __type: "CronExpression", value: "0 3 * * *" },
  scheduler_lock: null,
  tags: [{ name: "generated" }, { name: "orders" }],
  timetable_description: "At 03:00",
});

const JSON_TYPE = { "content-type": "application/json", date: new Date().toUTCString() };
const VERSION = Buffer.from('{"version":"2.11.2","git_version":""}');
const HEALTH = Buffer.from(
  JSON.stringify({
    metadatabase: { status: "healthy" },
    scheduler: { status: "healthy", latest_scheduler_heartbeat: "2026-11-20T12:19:12.170271+00:00" },
    triggerer: { status: null, latest_triggerer_heartbeat: null },
    dag_processor: { status: null, latest_dag_processor_heartbeat: null },
  }),
);
const NOTHING = Buffer.from('{"dag_runs":[],"import_errors":[],"total_entries":0}');

for (let index = 0; index < count; index += 1) {
  const list = Buffer.from(
    JSON.stringify({ dags: Array.from({ length: dags }, (_, number) => dag(index, number)), total_entries: dags }),
  );
  createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const url = request.url ?? "";
    request.resume();
    if (url.startsWith("/api/v2/")) {
      response.writeHead(404, { "content-type": "text/html" }).end("<h1>404</h1>");
      return;
    }
    const body = url.startsWith("/api/v1/version")
      ? VERSION
      : url.includes("/health")
        ? HEALTH
        : url.startsWith("/api/v1/dags?") || url === "/api/v1/dags"
          ? list
          : NOTHING;
    setTimeout(() => response.writeHead(200, { ...JSON_TYPE, "content-length": body.length }).end(body), latencyMs);
  }).listen(firstPort + index, "127.0.0.1", 511);
}
if (hang) createServer(() => undefined).listen(firstPort + count, "127.0.0.1");
setTimeout(() => process.stdout.write("stubs ready\n"), 300);

import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { createSimulator } from "@airfleet/simulator";

/**
 * A simulated Airflow 2 whose DAGs have just finished many runs of four tasks each, in a process of its own; prints its
 * address as one JSON line. On its control port `GET /calls` answers how many calls about runs and tasks it has had
 * since the last `POST /calls`.
 * Usage: finished-runs.ts RUNS DAGS LATENCY_MS
 */
const [runs = 0, dags = 0, latencyMs = 0] = process.argv.slice(2).map(Number);

const TASKS = ["t0", "t1", "t2", "t3"];
const ABOUT_RUNS = /dagRuns/;

const simulator = createSimulator();
const airflow = await simulator.addInstance({
  id: "observed",
  generation: 2,
  latencyMs,
  dags: Array.from({ length: dags }, (_, number) => ({
    dagId: `etl_orders_${String(number).padStart(3, "0")}`,
    tasks: TASKS.map((taskId, index) => ({ taskId, downstream: TASKS.slice(index + 1, index + 2) })),
    // All within the last ten seconds: the other side looks back for a minute only, of which it needs a part to get ready.
    history: { runs: runs / dags, everySeconds: (8 * dags) / runs, durationSeconds: 1 },
  })),
});
// A run that would still be running is made to end now: let that moment pass.
await delay(50);

const control = createServer((request, response) => {
  if (request.method === "POST") airflow.requests.clear();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ calls: airflow.requests.count({ path: ABOUT_RUNS }) }));
});
control.listen(0, "127.0.0.1", () => {
  const address = control.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { url, credentials } = airflow;
  process.stdout.write(`${JSON.stringify({ control: `http://127.0.0.1:${port}`, url, ...credentials })}\n`);
});

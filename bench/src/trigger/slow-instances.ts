import { createSimulator } from "@airfleet/simulator";

/**
 * Simulated instances in a process of their own, half of them Airflow 2 and half Airflow 3, with one DAG each; every
 * trigger takes them so many milliseconds, as a real web server does. Prints their addresses as one JSON line.
 * Usage: slow-instances.ts INSTANCES LATENCY_MS
 */
const [instances = 0, latencyMs = 0] = process.argv.slice(2).map(Number);

const simulator = createSimulator();
const made = await Promise.all(
  Array.from({ length: instances }, (_, index) =>
    simulator.addInstance({
      id: `sim-${String(index + 1).padStart(2, "0")}`,
      generation: index % 2 === 0 ? 2 : 3,
      seed: index + 1,
      dags: [{ dagId: "orders", schedule: null, tasks: [{ taskId: "a" }] }],
    }),
  ),
);
if (latencyMs > 0) {
  for (const { faults } of made) {
    faults.add({ method: "POST", path: "/api/*/dags/*/dagRuns", fault: { kind: "latency", ms: latencyMs } });
  }
}
const list = made.map(({ id, url, generation, credentials }) => ({ id, url, generation, ...credentials }));
process.stdout.write(`${JSON.stringify({ instances: list })}\n`);

import { createServer } from "node:http";
import { createSimulator, type SimulatedInstance } from "@airfleet/simulator";

/**
 * Simulated instances in a process of their own, half of them Airflow 2 and half Airflow 3; prints their addresses as one
 * JSON line. `GET /requests` on its control port answers how many requests each has had.
 * Usage: simulated-fleet.ts INSTANCES DAGS
 */
const [instances = 0, dags = 0] = process.argv.slice(2).map(Number);
const TAGS = ["tier1", "tier2", "orders", "billing", "search", "ml", "nightly"] as const;

const simulator = createSimulator();
const made = await Promise.all(
  Array.from({ length: instances }, (_, index) =>
    simulator.addInstance({
      id: `sim-${String(index + 1).padStart(2, "0")}`,
      generation: index % 2 === 0 ? 2 : 3,
      seed: index + 1,
      dags: Array.from({ length: dags }, (_unused, number) => ({
        dagId: `pipeline_${String(number).padStart(5, "0")}`,
        description: `Loads source ${number} and refreshes what depends on it`,
        schedule: number % 5 === 0 ? null : `${number % 60} ${number % 24} * * *`,
        paused: number % 7 === 0,
        tags: [TAGS[number % TAGS.length] ?? "tier1", `team:${number % 12}`],
        owners: ["data-platform"],
        tasks: [{ taskId: "extract", downstream: ["load"] }, { taskId: "load" }],
        history: { runs: 1 },
      })),
    }),
  ),
);

/** All requests, and those that are about DAGs and runs rather than about the server itself. */
const countRequests = (requests: SimulatedInstance["requests"]): { readonly all: number; readonly work: number } => ({
  all: requests.total,
  work: requests.total - requests.count({ path: /\/(health|version)$|^\/auth\// }),
});

const control = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(Object.fromEntries(made.map(({ id, requests }) => [id, countRequests(requests)]))));
});
control.listen(0, "127.0.0.1", () => {
  const address = control.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const list = made.map(({ id, url, credentials }) => ({ id, url, ...credentials }));
  process.stdout.write(`${JSON.stringify({ control: `http://127.0.0.1:${port}`, instances: list })}\n`);
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { createAirflowEngine } from "@airfleet/airflow";
import { createControl } from "@airfleet/control";
import { InstanceConfig, resolveInstanceConfig, toInstanceId } from "@airfleet/model";
import { openStore, type Store } from "@airfleet/store";

/**
 * Airfleet without HTTP, observing one instance; every run is about the object of its DAG, as it is
 * about its asset over there, so that its tasks are kept as well. Says
 * that it is ready, takes URL, user, password and the number of runs as one line of stdin, and answers one JSON line
 * when all of them are in its store: milliseconds from its first question about runs to the last row.
 */
const instance = toInstanceId("observed");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
process.stdout.write("ready\n");
const [url = "", username = "", password = "", wanted = "0"] = ((await lines.next()).value ?? "").split(" ");

const directory = mkdtempSync(path.join(tmpdir(), "airfleet-observe-"));
const store = await openStore({ dataDir: directory });
await store.documents.create(
  {
    kind: "subject_rule",
    id: "orders",
    body: { dags: ["etl_orders_*"], subjects: [{ type: "pipeline", id: "{{ dag_id }}" }] },
  },
  { actor: "bench", sourceIp: null, requestId: null },
);
const attemptedAt = Date.now() - 300_000;
const watermark = new Date(attemptedAt).toISOString();
await store.readings.succeeded({ instance, feed: "runs", attemptedAt, durationMs: 10, watermark });

let firstQuestion: number | undefined;
const control = await createControl({
  store,
  createEngine: (config) => {
    const engine = createAirflowEngine({ config });
    return {
      ...engine,
      listRuns: (query, options) => {
        firstQuestion ??= performance.now();
        return engine.listRuns(query, options);
      },
    };
  },
  loadInstances: () =>
    Promise.resolve([
      {
        config: InstanceConfig.parse({ id: instance, url, auth: { type: "basic", username, password } }),
        source: "bench",
        place: "bench",
      },
    ]),
  resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
  settings: { historyDays: 0 },
  random: () => 0,
});
const cpuBefore = process.cpuUsage();
control.startReconcilers();

/** Runs in the store, and how many of them with tasks. */
const count = async (from: Store): Promise<{ readonly runs: number; readonly tasks: number }> => {
  const { items } = await from.runs.list({ limit: Number(wanted) + 1 });
  let tasks = 0;
  for (const { key } of items) tasks += (await from.runs.tasks(key)).length;
  return { runs: items.length, tasks };
};

const newest = async (): Promise<boolean> => (await store.runs.list({ limit: 1 })).items.length > 0;
while (!(await newest())) await delay(2);
let feedReadAt: number | undefined;
// The feed says that it was read to its end only after the last task is kept.
while (feedReadAt === undefined) {
  const reading = await store.readings.find(instance, "runs");
  if (reading !== undefined && reading.attemptedAt > attemptedAt) feedReadAt = performance.now();
  else await delay(2);
}
const cpu = process.cpuUsage(cpuBefore);
const seen = await count(store);
const ms = feedReadAt - (firstQuestion ?? feedReadAt);
process.stdout.write(`${JSON.stringify({ ms, cpuMs: (cpu.user + cpu.system) / 1_000, ...seen })}\n`);
await control.close({ drainMs: 1_000 });
await store.close();
rmSync(directory, { recursive: true, force: true });
process.exit(0);

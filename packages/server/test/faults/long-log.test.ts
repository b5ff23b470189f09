import { readFileSync } from "node:fs";
import { createSimulator } from "@airfleet/simulator";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { backends } from "../../../store/test/backends.ts";
import { startLongLogProxy } from "./long-log-proxy.ts";
import { createMortalServer } from "./mortal-server.ts";

const MEGABYTE = 1_000_000;
const LOG_BYTES = 500 * MEGABYTE;
/** How much more memory 500 MB may take than 100 MB did: what grew with the log would be 400. */
const GROWTH_LIMIT_MB = 160;
const PATIENCE = { timeout: 120_000, interval: 200 };

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_000;

/** The highest of the process's memory from now on. */
const watchMemory = (pid: number): (() => number) => {
  let highest = residentMb(pid);
  const timer = setInterval(() => {
    highest = Math.max(highest, residentMb(pid));
  }, 50);
  onTestFinished(() => clearInterval(timer));
  return () => highest;
};

const drink = async (url: string): Promise<{ readonly bytes: number; readonly lines: number }> => {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  let bytes = 0;
  let lines = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return { bytes, lines };
};

const sqlite = backends.find(({ name }) => name === "sqlite")!;
const figures: string[] = [];
afterEach(() => {
  if (figures.length > 0) process.stdout.write(`${figures.splice(0).join("\n")}\n`);
});

const aRun = async (url: string, runId: string): Promise<string> => {
  const answer = await fetch(`${url}/api/v1/instances/far/dags/orders/runs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ dag_run_id: runId }),
  });
  expect(answer.status).toBe(200);
  return vi.waitFor(async () => {
    const list = await fetch(`${url}/api/v1/runs?run_id=${runId}&state=failed`);
    const { items } = (await list.json()) as { items: readonly { readonly id: string }[] };
    const [run] = items;
    if (run === undefined) throw new Error("the run has not ended");
    return run.id;
  }, PATIENCE);
};

describe.each([2, 3] as const)("a log of 500 MB of a task of Airflow %i", (generation) => {
  test("streams through, and into the archive, with flat memory", { timeout: 300_000 }, async () => {
    const simulator = createSimulator({ timeScale: 20 });
    onTestFinished(() => simulator.close());
    const task = { taskId: "load", fails: () => true };
    const airflow = await simulator.addInstance({ id: "far", generation, dags: [{ dagId: "orders", tasks: [task] }] });
    const proxy = await startLongLogProxy(airflow.url, generation);
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const { username, password } = airflow.credentials;
    const place = await sqlite.freshPlace();
    onTestFinished(() => place[Symbol.asyncDispose]());
    const server = await createMortalServer(place, [{ id: "far", url: proxy.url, username, password }]);
    onTestFinished(() => server[Symbol.asyncDispose]());
    await server.start();

    // A fifth of it first: what the heap takes then, it keeps.
    proxy.setLogBytes(LOG_BYTES / 5);
    const first = await aRun(server.url, "first");
    const logOf = (run: string): string => `${server.url}/api/v1/runs/${run}/tasks/load/logs`;
    const highest = watchMemory(server.pid);
    await drink(logOf(first));
    const kept = (count: number): Promise<void> =>
      vi.waitFor(async () => {
        const metrics = await (await fetch(`${server.url}/metrics`)).text();
        expect(metrics).toMatch(new RegExp(`log_archive_total\\{outcome="kept"\\} ${count}\\b`));
      }, PATIENCE);
    await kept(1);

    proxy.setLogBytes(LOG_BYTES);
    const before = highest();
    const started = performance.now();
    const { bytes, lines } = await drink(logOf(first));
    const seconds = (performance.now() - started) / 1_000;
    expect(lines).toBeGreaterThan(1_500_000);
    expect(bytes).toBeGreaterThan(0.9 * LOG_BYTES);
    const readGrowth = highest() - before;
    expect(readGrowth).toBeLessThan(GROWTH_LIMIT_MB);

    const sentBefore = proxy.sent();
    const second = await aRun(server.url, "second");
    await kept(2);
    expect(proxy.sent() - sentBefore).toBeGreaterThanOrEqual(LOG_BYTES);
    const archiveGrowth = highest() - before;
    expect(archiveGrowth).toBeLessThan(GROWTH_LIMIT_MB);
    figures.push(
      `Airflow ${generation}: ${Math.round(bytes / MEGABYTE)} MB, ${lines} lines in ${seconds.toFixed(1)} s; memory grew by ${Math.round(readGrowth)} MB, with archiving ${Math.round(archiveGrowth)} MB`,
    );

    await simulator.close();
    const archived = await fetch(`${logOf(second)}?tail=1`);
    expect(archived.status).toBe(200);
  });
});

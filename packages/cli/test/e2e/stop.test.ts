import { writeFileSync } from "node:fs";
import path from "node:path";
import { createSimulator, type SimulatedInstance, type Simulator } from "@airfleet/simulator";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runCli, temporaryDirectory } from "../support/run-cli.ts";
import { type Served, serve } from "../support/serve.ts";

const SLEEPER = { dagId: "sleeper", maxActiveRuns: 100, tasks: [{ taskId: "work", durationSeconds: 100_000 }] };
const PATIENCE = { timeout: 60_000, interval: 200 };
const directory = temporaryDirectory();
let simulator: Simulator;
let airflow: SimulatedInstance;
let server: Served;

beforeAll(async () => {
  simulator = createSimulator({ timeScale: 20 });
  airflow = await simulator.addInstance({ id: "three", generation: 3, dags: [SLEEPER] });
  airflow.world.dags.get("sleeper")!.paused = false;
  const auth = { type: "basic", ...airflow.credentials };
  const instances = [{ id: "prod-1", tier: "production", url: airflow.url, auth }];
  writeFileSync(path.join(directory.path, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  server = await serve(directory.path);
}, 90_000);
afterAll(async () => {
  await server.stop();
  await simulator[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const stateOf = (runId: string): string | undefined => airflow.world.dags.get("sleeper")?.runs.get(runId)?.state;

/** Runs that are going on, and that the fleet knows of. */
const begin = async (...runIds: readonly string[]): Promise<void> => {
  for (const dag_run_id of runIds) {
    await fetch(`${server.url}/api/v1/instances/prod-1/dags/sleeper/runs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ dag_run_id, conf: {} }),
    });
  }
  await vi.waitFor(async () => {
    const answer = await fetch(`${server.url}/api/v1/runs?dag_id=sleeper&state=running`);
    const { items } = (await answer.json()) as { readonly items: readonly { readonly dag_run_id: string }[] };
    const known = new Set(items.map((run) => run.dag_run_id));
    expect(runIds.every((id) => known.has(id) && stateOf(id) === "running")).toBe(true);
  }, PATIENCE);
};

const cli = (...args: readonly string[]) => runCli(args, { url: server.url });

describe("airfleet stop", () => {
  test("stops a run by its address, when production is confirmed", { timeout: 90_000 }, async () => {
    await begin("one");
    const refused = await cli("stop", "prod-1/sleeper/one");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('--confirm "prod-1"');
    expect(stateOf("one")).toBe("running");
    const stopped = await cli("stop", "prod-1/sleeper/one", "--confirm", "prod-1", "--json");
    expect(stopped.code).toBe(0);
    expect(JSON.parse(stopped.stdout)).toMatchObject([{ outcome: "done", after: { state: "cancelled" } }]);
    expect(stateOf("one")).toBe("failed");
  });

  test("shows which runs filters find, and stops them all with an outcome each", { timeout: 90_000 }, async () => {
    await begin("many-1", "many-2", "many-3");
    const filters = ["--dag", "sleeper", "--state", "running", "--instance", "prod-1"];
    const shown = await cli("runs", "stop", ...filters, "--dry-run");
    expect(shown.code).toBe(0);
    expect(shown.stdout.match(/stop it \(running\)/g)).toHaveLength(3);
    expect(stateOf("many-1")).toBe("running");
    const stopped = await cli("runs", "stop", ...filters, "--confirm", "prod-1", "--json");
    expect({ code: stopped.code, stderr: stopped.stderr }).toEqual({ code: 0, stderr: "" });
    const rows = JSON.parse(stopped.stdout) as readonly { readonly dag_run_id: string; readonly outcome: string }[];
    expect(rows.map((row) => `${row.dag_run_id} ${row.outcome}`).toSorted()).toEqual([
      "many-1 done",
      "many-2 done",
      "many-3 done",
    ]);
    expect(["many-1", "many-2", "many-3"].map(stateOf)).toEqual(["failed", "failed", "failed"]);
    expect((await cli("stop", ...filters, "--confirm", "prod-1")).code).toBe(3);
  });

  test("says what is missing or does not go together", async () => {
    expect((await cli("stop")).stderr).toContain("Nothing says what to stop.");
    expect((await cli("stop", "a", "b", "--dag", "c")).stderr).toContain("do not go together");
    expect((await cli("stop", "--state", "success", "--yes")).stderr).toContain("queued, running");
  });
});

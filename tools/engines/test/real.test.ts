import { execFile } from "node:child_process";
import { access, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findMarkedProcesses } from "../src/process/marked-processes.ts";
import { attachAirflow, cacheLayout, ensurePostgres, type RunningAirflow, startAirflow } from "../src/index.ts";
import { listDatabases } from "../src/postgres/databases.ts";
import { readInstanceState } from "../src/state/instance-state.ts";
import { callAirflow, Dags } from "./airflow-calls.ts";
import { eventually } from "./eventually.ts";
import { temporaryLayout } from "./temporary-layout.ts";

const run = promisify(execFile);
const MAIN = path.resolve(import.meta.dirname, "../src/main.ts");

const NEW_DAG = `
from datetime import datetime, timezone
from airflow import DAG
dag = DAG(dag_id="af_added", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=timezone.utc), catchup=False)
`;

describe.each([2, 3] as const)("a real Airflow %i", (generation) => {
  let airflow: RunningAirflow;
  let call: Awaited<ReturnType<typeof callAirflow>>;

  beforeAll(async () => {
    airflow = await startAirflow({ generation });
    call = await callAirflow(airflow);
  });
  afterAll(() => airflow.stop());

  it("is of the version that its lock file names", async () => {
    expect(await call.get("/version")).toMatchObject({ version: airflow.version });
    expect(airflow.version).toBe({ 2: "2.11.2", 3: "3.3.2" }[generation]);
  });

  it("has read all fixture DAGs when it is ready, with their pause flags, past one page", async () => {
    const { dags } = Dags.parse(await call.get("/dags?limit=100&tags=conformance"));
    const pausedIds = dags.filter((dag) => dag.is_paused).map((dag) => dag.dag_id);
    expect(dags.length).toBe(15);
    expect(pausedIds.toSorted()).toEqual(["af_paused", "af_scheduled"]);
    expect(Dags.parse(await call.get("/dags?limit=1&tags=many")).total_entries).toBe(120);
    expect(JSON.stringify(await call.get("/importErrors"))).toContain("af_broken.py");
  });

  it("refuses a wrong password", async () => {
    await expect(
      callAirflow({ ...airflow, password: "wrong" }).then((other) => other.get("/dags?limit=1")),
    ).rejects.toThrow(/40[13]/);
  });

  it.each([
    ["af_ok", "success", ["a:success:1"]],
    ["af_dag_with.odd-chars_1", "success", ["task.with-odd_chars:success:1"]],
    ["af_mapped", "success", ["show0:success:1", "show1:success:1", "show2:success:1"]],
    ["af_chain", "success", ["a:success:1", "group.b:success:1", "group.c:success:1"]],
    ["af_branch", "success", ["choose:success:1", "join:success:1", "left:success:1", "right:skipped:0"]],
    ["af_fail", "failed", ["a:failed:1", "b:upstream_failed:0", "c:success:1"]],
    ["af_flaky", "success", ["a:success:2"]],
    ["af_logs", "failed", ["speak:success:1", "stumble:failed:1"]],
  ])("runs %s to %s", async (dagId, state, tasks) => {
    expect(await call.runToEnd(dagId)).toMatchObject({ state, tasks });
  });

  it("writes parameters and twenty thousand lines to its logs", async () => {
    const params = await call.runToEnd("af_params", { n: 7 });
    expect(await call.text(`/dags/af_params/dagRuns/${params.runId}/taskInstances/print_conf/logs/1`)).toMatch(
      /conf \{'n': 7\}/,
    );
    const big = await call.runToEnd("af_big_log");
    expect(await call.text(`/dags/af_big_log/dagRuns/${big.runId}/taskInstances/count/logs/1`)).toContain(
      "line 19999 of 20000",
    );
  });

  it("notices a new file in its DAG folder, and its removal, within seconds", async () => {
    const file = path.join(airflow.dagsFolder, "af_added.py");
    const count = async (): Promise<number> =>
      Dags.parse(await call.get("/dags?dag_id_pattern=af_added")).total_entries;
    await writeFile(file, NEW_DAG);
    await eventually("the new DAG is listed", async () => (await count()) === 1, 30_000, 500);
    await rm(file);
    await eventually("the removed DAG is not listed", async () => (await count()) === 0, 30_000, 500);
    expect(await call.get("/dags?dag_id_pattern=af_added")).toMatchObject({ dags: [] });
  });

  it("can be used from another process, which leaves it running", async () => {
    await using attached = await attachAirflow(airflow.id);
    expect(attached).toMatchObject({
      id: airflow.id,
      url: airflow.url,
      password: airflow.password,
      pids: airflow.pids,
    });
    const { stdout } = await run(process.execPath, [MAIN, "status", "--json"]);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ id: airflow.id, status: "ready", url: airflow.url }),
    );
    await attached[Symbol.asyncDispose]();
    expect(await call.get("/version")).toMatchObject({ version: airflow.version });
  });

  it("loses and regains its scheduler on demand", async () => {
    const before = airflow.pids["scheduler"];
    await airflow.killComponent("scheduler");
    const { stdout } = await run(process.execPath, [MAIN, "status", "--json"]);
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ id: airflow.id, status: "degraded" }));
    await airflow.startComponent("scheduler");
    expect(airflow.pids["scheduler"]).not.toBe(before);
    expect(await call.runToEnd("af_ok")).toMatchObject({ state: "success" });
    await expect(airflow.killComponent("kernel")).rejects.toMatchObject({ code: "COMPONENT_UNKNOWN" });
  });

  it("leaves no process, no database and no file when it is stopped", async () => {
    const layout = cacheLayout();
    const state = await readInstanceState(layout, airflow.id);
    await airflow.stop();
    expect(await findMarkedProcesses(state!.token)).toEqual([]);
    expect(await listDatabases(state!.maintenanceUrl, state!.databaseName)).toEqual([]);
    await expect(access(path.dirname(airflow.dagsFolder))).rejects.toThrow("ENOENT");
    await expect(attachAirflow(airflow.id)).rejects.toMatchObject({ code: "ENGINE_NOT_RUNNING" });
  });
});

describe("a PostgreSQL of our own", () => {
  it("starts without root, serves several users at once and stops after the last one", async () => {
    await using temporary = await temporaryLayout();
    // Whoever runs the tests may use the server of this checkout: here is another one from the same installation.
    const layout = { ...temporary, environments: cacheLayout().environments };
    const own = { databaseUrl: undefined, addresses: [], layout };
    const first = await ensurePostgres(own);
    const second = await ensurePostgres(own);
    expect([first.source, second.url]).toEqual(["own", first.url]);
    await first.close();
    await expect(listDatabases(second.url, "postgres")).resolves.toEqual(["postgres"]);
    await second.close();
    await expect(listDatabases(second.url, "postgres")).rejects.toThrow("ECONNREFUSED");
  });
});

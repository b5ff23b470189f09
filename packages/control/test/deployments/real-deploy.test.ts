import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAirflowEngine } from "@airfleet/airflow";
import { type DeploymentState, resolveInstanceConfig, toDagId, toInstanceId } from "@airfleet/model";
import { openStore, type Store } from "@airfleet/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeAirflow } from "../../../airflow/test/conformance/instance-under-trial.ts";
import { type Control, createControl, type Deployment } from "../../src/index.ts";
import { actor, fromFile } from "../fleet-fixture.ts";

const LONG = { timeout: 900_000 };

const nodes = (condition: string, filterId = "paid") => ({
  nodes: [
    { id: "read", type: "extractor", data: { moduleId: "csv-extractor", config: { path: "orders.csv" } } },
    { id: filterId, type: "transformer", data: { moduleId: "filter", config: { condition } } },
    { id: "write", type: "loader", data: { moduleId: "parquet-loader", config: { file_path: "paid.parquet" } } },
  ],
  edges: [
    { source: "read", target: filterId },
    { source: filterId, target: "write" },
  ],
});

describe.each([2, 3] as const)("a pipeline on a real Airflow %i", LONG, (generation) => {
  const instance = toInstanceId(`deploy${generation}`);
  let airflow: Awaited<ReturnType<typeof takeAirflow>>;
  let dataDir: string;
  let store: Store;
  let control: Control;
  let own: string;
  let pipeline: string;

  beforeAll(async () => {
    airflow = await takeAirflow(generation);
    dataDir = await mkdtemp(path.join(tmpdir(), "airfleet-real-deploy-"));
    store = await openStore({ dataDir });
    const { url, username, password, dagsFolder } = airflow;
    const subfolder = `airfleet_${Math.random().toString(36).slice(2)}`;
    own = path.join(dagsFolder, subfolder);
    const deploy = { type: "folder", path: dagsFolder, subfolder } as const;
    control = await createControl({
      store,
      dataDir,
      createEngine: (config) => createAirflowEngine({ config }),
      loadInstances: () =>
        Promise.resolve([fromFile({ id: instance, url, auth: { type: "basic", username, password }, deploy })]),
      resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
      settings: { poll: false },
    });
    control.startReconcilers();
    ({ id: pipeline } = await control.pipelines.create(actor, { name: "Orders", config: nodes("status = 'paid'") }));
  });

  afterAll(async () => {
    await control.close({ drainMs: 1_000 });
    await store.close();
    await rm(own, { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
    await airflow[Symbol.asyncDispose]();
  });

  const settle = async (id: string, until: DeploymentState = "triggerable"): Promise<Deployment> => {
    const settled = await control.deployments.settle([id], { until, withinMs: 240_000 });
    return settled.at(0)!;
  };
  const deploy = async (): Promise<Deployment> => {
    const [item] = await control.deployments.deploy(actor, { pipeline, instances: [instance] });
    return settle(item?.deployment?.id ?? "");
  };
  const served = async () => control.live.dag(instance, toDagId(`pipeline_${pipeline.replaceAll("-", "_")}`));

  it("is live and not paused after the first deployment", async () => {
    const deployment = await deploy();
    expect(deployment).toMatchObject({ state: "triggerable", isNew: true, error: null });
    const { docMd, isPaused } = await served();
    expect(docMd).toContain(deployment.artifactHash);
    expect(isPaused).toBe(false);
    const { written = 0, live = 0 } = deployment.stateTimes;
    expect(live).toBeGreaterThanOrEqual(written);
  });

  it("is live again after an update that keeps its tasks, and what was there is superseded", async () => {
    await control.pipelines.update(actor, pipeline, { config: nodes("status = 'late'") });
    const deployment = await deploy();
    expect(deployment).toMatchObject({ state: "triggerable", isNew: false, tasksChanged: false, revision: 2 });
    expect((await served()).docMd).toContain(deployment.artifactHash);
    const { items } = await control.deployments.list({ pipelineId: pipeline, limit: 10 });
    expect(items.map(({ state }) => state)).toEqual(["triggerable", "superseded"]);
  });

  it("waits out the scheduler's cache on Airflow 2 after its tasks changed", async () => {
    await control.pipelines.update(actor, pipeline, { config: nodes("status = 'late'", "late") });
    const deployment = await deploy();
    expect(deployment).toMatchObject({ state: "triggerable", tasksChanged: true, revision: 3 });
    const { live = 0, triggerable = 0 } = deployment.stateTimes;
    // Only Airflow 2's scheduler keeps a DAG of its own.
    expect(triggerable - live >= 10_900).toBe(generation === 2);
    const graph = await control.live.graph(instance, deployment.dagId);
    expect(graph.map(({ taskId }) => taskId).toSorted()).toEqual(["late", "read", "write"]);
  });

  it("that cannot be imported is told with its node, and mends with the next deployment", async () => {
    const newest = (await control.deployments.list({ pipelineId: pipeline, limit: 1 })).items.at(0)!;
    const sound = await store.deployments.artifact(newest.artifactId);
    if (sound === undefined) throw new Error("no artifact");
    const body = sound.body.replace('task_id="late"', 'task_id="not a key!"');
    expect(body).not.toBe(sound.body);
    const hash = "0".repeat(64);
    const artifact = { ...sound, id: `${sound.id}_broken`, hash, body: body.replace(sound.hash, hash) };
    const [recorded] = await store.deployments.record([{ artifact, instance, origin: "deploy" }], { actor: "test" });
    const broken = await settle(recorded?.id ?? "");
    expect(broken).toMatchObject({ state: "broken", error: { code: "DEPLOYMENT_IMPORT_FAILED", node: "late" } });
    expect(broken.error?.line).toBeGreaterThan(10);
    const rolledBack = await control.deployments.rollback(actor, broken.id);
    expect((await settle(rolledBack.id)).state).toBe("triggerable");
    expect((await served()).docMd).toContain(sound.hash);
  });

  it("goes back to what was served before", async () => {
    const newest = (await control.deployments.list({ pipelineId: pipeline, limit: 1 })).items.at(0)!;
    const rolledBack = await settle((await control.deployments.rollback(actor, newest.id)).id);
    expect(rolledBack).toMatchObject({ state: "triggerable", origin: "rollback", revision: 2 });
    expect((await served()).docMd).toContain(rolledBack.artifactHash);
  });

  it("is paused and its file gone once it is removed", async () => {
    const removing = await control.deployments.remove(actor, { pipeline, instance });
    expect((await settle(removing.id, "removed")).state).toBe("removed");
    expect((await served()).isPaused).toBe(true);
    expect(existsSync(path.join(own, `${removing.dagId}.py`))).toBe(false);
    expect(existsSync(path.join(own, ".airflowignore"))).toBe(true);
  });
});

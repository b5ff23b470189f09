import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sentinelDagId } from "@airfleet/deploy";
import type { Engine } from "@airfleet/engine";
import { AirfleetError, resolveInstanceConfig, toDagId, toInstanceId } from "@airfleet/model";
import type { NewArtifact, Store } from "@airfleet/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Control, createControl, type Deployment } from "../../src/index.ts";
import { actor, aStore, eventually, fromFile, unreachable } from "../fleet-fixture.ts";

const eu = toInstanceId("eu");

/** An Airflow 3 that reads its folder whenever it is asked anything, and serves the hash that stands in each file. */
const anAirflow = (folder: string) => {
  const calls: Record<string, number> = {};
  const paused = new Map<string, boolean>();
  let isAway = false;
  const count = (name: string): void => {
    if (isAway) throw unreachable("eu");
    calls[name] = (calls[name] ?? 0) + 1;
  };
  const hashOf = (id: string): string | undefined => {
    const file = path.join(folder, "airfleet", `${id}.py`);
    return existsSync(file) ? /ARTIFACT = "(.*)"/.exec(readFileSync(file, "utf8"))?.[1] : undefined;
  };
  const dagOf = (id: string) => {
    const hash = hashOf(id);
    if (hash === undefined) throw new AirfleetError("DAG_UNKNOWN", { instance: eu, dag_id: id });
    const isPaused = paused.get(id) ?? true;
    return { dagId: toDagId(id), lastParsedAt: hash, docMd: hash, isPaused, isStale: false, hasImportErrors: false };
  };
  const engine = {
    instance: eu,
    kind: "airflow",
    capabilities: async () => ({ reparse: true, pageLimit: 100 }),
    probe: async () => ({ generation: 3 }),
    getDag: async (id: string) => (count("getDag"), dagOf(id)),
    getDagDetail: async (id: string) => (count("getDagDetail"), dagOf(id)),
    listDags: async ({ after }: { after?: string }) => {
      count("listDags");
      const ids = readdirSync(path.join(folder, "airfleet"))
        .filter((name) => /^pipeline_.*\.py$/.test(name))
        .toSorted();
      const from = Number(after ?? 0);
      const items = ids.slice(from, from + 100).map((name) => dagOf(name.slice(0, -3)));
      return { items, next: from + 100 < ids.length ? String(from + 100) : null, total: ids.length };
    },
    listImportErrors: async () => (count("listImportErrors"), []),
    requestReparse: async () => count("requestReparse"),
    setPaused: async (id: string, value: boolean) => {
      count("setPaused");
      paused.set(id, value);
    },
    close: async () => undefined,
  };
  return {
    engine: engine as unknown as Engine,
    calls,
    paused,
    hashOf,
    away: (value: boolean) => {
      isAway = value;
    },
  };
};

const artifact = (name: string, hash: string): NewArtifact => ({
  id: `art_${name}_${hash}`,
  kind: "airflow",
  pipelineId: name,
  pipelineName: name,
  revision: 1,
  planHash: hash,
  hash,
  dagId: toDagId(`pipeline_${name}`),
  fileName: `pipeline_${name}.py`,
  body: `ARTIFACT = "${hash}"\n`,
  lines: [],
  taskIds: ["a"],
  runtime: null,
});

const aRoom = async (given?: Store) => {
  const folder = await mkdtemp(path.join(tmpdir(), "airfleet-deployments-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const store = given ?? (await aStore());
  const airflow = anAirflow(folder);
  const open = async (): Promise<Control> => {
    const control = await createControl({
      store,
      dataDir: folder,
      createEngine: () => airflow.engine,
      loadInstances: () =>
        Promise.resolve([fromFile({ id: "eu", url: "http://eu.example", deploy: { type: "folder", path: folder } })]),
      resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
      settings: { poll: false },
    });
    onTestFinished(() => control.close({ drainMs: 1_000 }));
    return control;
  };
  const record = async (...artifacts: readonly NewArtifact[]): Promise<readonly string[]> => {
    const wanted = artifacts.map((one) => ({ artifact: one, instance: eu, origin: "deploy" as const }));
    return (await store.deployments.record(wanted, { actor: "test" })).map(({ id }) => id);
  };
  return { folder, store, airflow, open, record };
};

const settle = async (control: Control, ids: readonly string[]): Promise<readonly Deployment[]> =>
  control.deployments.settle(ids, { until: "triggerable", withinMs: 60_000 });

describe("deployments", () => {
  it("are carried on by whoever starts next, and unpause the DAG the first time only", async () => {
    const { record, open, airflow, folder } = await aRoom();
    const ids = await record(artifact("a", "h1"));
    // Recorded by a server that died at once.
    const control = await open();
    control.startReconcilers();
    expect((await settle(control, ids))[0]).toMatchObject({ state: "triggerable", isNew: true });
    expect(airflow.paused.get("pipeline_a")).toBe(false);
    airflow.paused.set("pipeline_a", true);
    expect((await settle(control, await record(artifact("a", "h2"))))[0]?.state).toBe("triggerable");
    expect(airflow.paused.get("pipeline_a")).toBe(true);
    expect(readdirSync(path.join(folder, "airfleet")).toSorted()).toEqual([
      ".airflowignore",
      "airfleet.manifest.json",
      `${sentinelDagId("airfleet")}.py`,
      "pipeline_a.py",
    ]);
  });

  it("of hundreds of pipelines cost one change of the folder and a few calls", async () => {
    const { record, open, airflow } = await aRoom();
    const many = Array.from({ length: 400 }, (_, at) => artifact(`p${at}`, `hash${at}`));
    const ids = await record(...many);
    const control = await open();
    control.startReconcilers();
    await eventually(
      async () => (await control.deployments.list({ limit: 1_000, states: ["triggerable"] })).items.length === 400,
      120_000,
    );
    expect((await control.deployments.get(ids[399] ?? "")).stateTimes.live).toBeDefined();
    expect(airflow.calls["getDagDetail"]).toBe(400);
    expect(airflow.calls["getDag"] ?? 0).toBeLessThan(10);
    // Four pages a look, and two hundred details.
    expect(airflow.calls["listDags"] ?? 0).toBeLessThan(40);
    expect(airflow.calls["requestReparse"] ?? 0).toBeLessThan(100);
  }, 180_000);

  it("end with the newest when several come at once", async () => {
    const { record, open, airflow } = await aRoom();
    const control = await open();
    control.startReconcilers();
    const ids = (await Promise.all(Array.from({ length: 12 }, (_, at) => record(artifact("a", `h${at}`))))).flat();
    const settled = await settle(control, ids);
    const newest = settled.toSorted((left, right) => right.generation - left.generation)[0];
    await eventually(async () => (await control.deployments.get(newest?.id ?? "")).state === "triggerable");
    expect(airflow.hashOf("pipeline_a")).toBe(newest?.artifactHash);
    const { items } = await control.deployments.list({ limit: 50 });
    expect(items.filter(({ state }) => state === "triggerable")).toHaveLength(1);
    expect(items.filter(({ state }) => state === "superseded")).toHaveLength(11);
  });

  it("fail for themselves where a name is taken, and leave the others alone", async () => {
    const { record, open, folder } = await aRoom();
    const control = await open();
    const { mkdir } = await import("node:fs/promises");
    await mkdir(path.join(folder, "airfleet"));
    await writeFile(path.join(folder, "airfleet/pipeline_b.py"), "theirs");
    const ids = await record(artifact("a", "h1"), artifact("b", "h2"), artifact("c", "h3"));
    control.startReconcilers();
    const settled = await settle(control, ids);
    expect(settled.map(({ state }) => state)).toEqual(["triggerable", "failed", "triggerable"]);
    expect(settled[1]?.error?.code).toBe("DEPLOY_NAME_TAKEN");
    expect(readFileSync(path.join(folder, "airfleet/pipeline_b.py"), "utf8")).toBe("theirs");
  });

  it("are written while the engine is away, say so, and are proven when it is back", async () => {
    const { record, open, airflow } = await aRoom();
    airflow.away(true);
    const control = await open();
    control.startReconcilers();
    const [id = ""] = await record(artifact("a", "h1"));
    await eventually(async () => (await control.deployments.get(id)).error?.code === "DEPLOYMENT_UNVERIFIED");
    expect((await control.deployments.get(id)).stateTimes.written).toBeDefined();
    airflow.away(false);
    expect((await settle(control, [id]))[0]).toMatchObject({ state: "triggerable", error: null });
  });

  it("are taken away with their DAG paused", async () => {
    const { record, open, airflow, folder } = await aRoom();
    const control = await open();
    control.startReconcilers();
    await settle(control, await record(artifact("a", "h1")));
    const removing = await control.deployments.remove(actor, { pipeline: "a", instance: eu });
    const [removed] = await control.deployments.settle([removing.id], { until: "removed", withinMs: 30_000 });
    expect(removed?.state).toBe("removed");
    expect(airflow.paused.get("pipeline_a")).toBe(true);
    expect(existsSync(path.join(folder, "airfleet/pipeline_a.py"))).toBe(false);
    await expect(control.deployments.remove(actor, { pipeline: "a", instance: eu })).rejects.toMatchObject({
      code: "DEPLOYMENT_ABSENT",
    });
  });
});

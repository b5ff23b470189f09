import { createAirflowEngine } from "@airfleet/airflow";
import { createSimulator, type DagSpec, type SimulatedInstance, type Simulator } from "@airfleet/simulator";
import { resolveInstanceConfig, toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Control, createControl } from "../src/index.ts";
import { actor, aStore, eventually, fromFile } from "./fleet-fixture.ts";

const orders: DagSpec = {
  dagId: "orders",
  schedule: "@daily",
  tasks: [
    { taskId: "extract", downstream: ["load"], durationSeconds: 1 },
    { taskId: "load", failTries: 1 },
  ],
  history: { runs: 3 },
};
const slow: DagSpec = { dagId: "slow", tasks: [{ taskId: "sleep", durationSeconds: 10_000 }] };

const dagId = toDagId("orders");
const deadline = { deadlineMs: 20_000 };

describe.each([2, 3] as const)("a simulated Airflow %i", (generation) => {
  let simulator: Simulator;
  let airflow: SimulatedInstance;
  const id = toInstanceId("sim");

  beforeAll(async () => {
    simulator = createSimulator({ timeScale: 50 });
    airflow = await simulator.addInstance({ id: "sim", generation, dags: [orders, slow] });
  });
  afterAll(() => simulator.close());

  const aControl = async (): Promise<Control> => {
    const { username, password } = airflow.credentials;
    const control = await createControl({
      store: await aStore(),
      createEngine: (config) => createAirflowEngine({ config }),
      loadInstances: () =>
        Promise.resolve([fromFile({ id: "sim", url: airflow.url, auth: { type: "basic", username, password } })]),
      resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
    });
    onTestFinished(() => control.close({ drainMs: 1_000 }));
    return control;
  };

  const awaitRun = (control: Control, runId: string, state: string): Promise<void> =>
    eventually(async () => (await control.live.run(id, { dagId, runId: toRunId(runId) })).state === state);

  it("is listed with its DAGs and their last runs soon after the start", async () => {
    const control = await aControl();
    control.startReconcilers();
    await eventually(async () => {
      const { items } = await control.fleet.listDags({ limit: 10 });
      return items.length === 2 && items[0]?.cells[0]?.lastRun !== null;
    });
    const { items, instances } = await control.fleet.listDags({ limit: 10 });
    expect(items.map((row) => row.dagId)).toEqual(["orders", "slow"]);
    expect(instances).toMatchObject([{ instance: "sim", stale: false, error: null }]);
    expect(control.instances.get(id).status).toMatchObject({ state: "healthy", generation, breaker: "closed" });
  });

  it("is paused, triggered, cleared, stopped and cleaned through actions", async () => {
    const control = await aControl();
    const pause = { verb: "dag:pause", instance: id, dagId, paused: false } as const;
    expect(await control.actions.perform(actor, pause, deadline)).toMatchObject({ state: "done" });

    const trigger = {
      verb: "run:trigger",
      instance: id,
      dagId,
      conf: { n: 1 },
      idempotencyKey: `k${generation}`,
    } as const;
    const triggered = await control.actions.perform(actor, trigger, deadline);
    expect(triggered).toMatchObject({ state: "done", error: null });
    const runId = toRunId(triggered.runId ?? "");
    await awaitRun(control, runId, "failed");

    const clear = { verb: "run:clear", instance: id, dagId, runId, onlyFailed: true, dryRun: false } as const;
    const cleared = await control.actions.perform(actor, clear, deadline);
    expect(cleared).toMatchObject({ state: "done", after: { tasks: [{ task_id: "load" }] } });
    await awaitRun(control, runId, "success");
    const remove = { verb: "run:delete", instance: id, dagId, runId } as const;
    expect(await control.actions.perform(actor, remove, deadline)).toMatchObject({ state: "done" });
    await expect(control.live.run(id, { dagId, runId })).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
  });

  it("has its running run stopped, with no task left running", async () => {
    const control = await aControl();
    control.startReconcilers();
    const place = { instance: id, dagId: toDagId("slow") } as const;
    await control.actions.perform(actor, { verb: "dag:pause", ...place, paused: false }, deadline);
    const { runId } = await control.actions.perform(actor, { verb: "run:trigger", ...place, conf: {} }, deadline);
    const run = { dagId: place.dagId, runId: toRunId(runId ?? "") };
    await eventually(async () => (await control.live.tasks(id, run)).some(({ state }) => state === "running"));
    const stopped = await control.actions.perform(actor, { verb: "run:stop", instance: id, ...run }, deadline);
    expect(stopped).toMatchObject({ state: "done", after: { state: "cancelled", still_running: [] } });
  });

  it("is reported honestly when it goes away, and again when it is back", async () => {
    const control = await aControl();
    await airflow.down();
    onTestFinished(() => airflow.up());
    const { instance, probe } = await control.instances.probe(id);
    expect(probe).toBeNull();
    expect(instance.status).toMatchObject({
      state: "unreachable",
      stale: true,
      error: { code: "INSTANCE_UNREACHABLE" },
    });
    const pause = { verb: "dag:pause", instance: id, dagId, paused: true } as const;
    expect(await control.actions.perform(actor, pause, deadline)).toMatchObject({
      state: "failed",
      error: { code: "INSTANCE_UNREACHABLE" },
    });
  });
});

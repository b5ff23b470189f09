import { createAirflowEngine } from "@airfleet/airflow";
import {
  InstanceConfig,
  type Run,
  type RunAddress,
  resolveInstanceConfig,
  toDagId,
  toInstanceId,
  toRunId,
} from "@airfleet/model";
import { createSimulator, type DagSpec, type SimulatedInstance } from "@airfleet/simulator";
import { runKeyOf, type Store, type StoredRun } from "@airfleet/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { actor, eventually } from "../fleet-fixture.ts";
import { controlOf } from "../runs/simulated-control.ts";

const instance = toInstanceId("sim");
const orders: DagSpec = {
  dagId: "orders",
  tasks: [{ taskId: "extract", downstream: ["load"], durationSeconds: 2 }, { taskId: "load" }],
};
const failing: DagSpec = { dagId: "failing", tasks: [{ taskId: "a", failTries: 1 }] };
const slow: DagSpec = { dagId: "slow", tasks: [{ taskId: "sleep", durationSeconds: 100_000 }] };
const ticking: DagSpec = { dagId: "ticking", schedule: { everySeconds: 2 }, tasks: [{ taskId: "a" }] };

const aSimulation = async (generation: 2 | 3, dags: readonly DagSpec[]): Promise<SimulatedInstance> => {
  const simulator = createSimulator({ timeScale: 20 });
  onTestFinished(() => simulator.close());
  return simulator.addInstance({ id: "sim", generation, dags });
};

/** Somebody else's hand: an engine of their own, of which we know nothing. */
const strangerAt = (airflow: SimulatedInstance) => {
  const { username, password } = airflow.credentials;
  const config = InstanceConfig.parse({ id: "other", url: airflow.url, auth: { type: "basic", username, password } });
  const engine = createAirflowEngine({ config: resolveInstanceConfig(config, () => "") });
  onTestFinished(() => engine.close());
  return engine;
};

const stored = (store: Store, { dagId, runId }: RunAddress): Promise<StoredRun | undefined> =>
  store.runs.find(runKeyOf({ instance, dagId, runId }));

const isIn = async (store: Store, run: RunAddress, state: string): Promise<boolean> =>
  (await stored(store, run))?.record.state === state;

describe.each([2, 3] as const)("the runs of a simulated Airflow %i", (generation) => {
  const start = async (dags: readonly DagSpec[]) => {
    const airflow = await aSimulation(generation, dags);
    const { control, store } = await controlOf([airflow]);
    const stranger = strangerAt(airflow);
    const begin = async (dagId: string, conf: Run["conf"] = {}): Promise<RunAddress> => {
      const runId = toRunId(`theirs_${dagId}_${Math.random().toString(36).slice(2)}`);
      await stranger.trigger({ dagId: toDagId(dagId), runId, conf });
      return { dagId: toDagId(dagId), runId };
    };
    return { airflow, control, store, stranger, begin };
  };

  it("are found whoever began them, followed to their end, and again after a clear and a rerun", async () => {
    const { control, store, stranger, begin } = await start([orders, ticking]);
    control.startReconcilers();
    const run = await begin("orders", { collection_id: "7", password: "hunter2" });
    await eventually(() => isIn(store, run, "success"));
    const found = await stored(store, run);
    expect(found).toMatchObject({ discoveredBy: "poll", triggerId: null });
    expect(found?.record.read?.run.conf).toEqual({ collection_id: "7", password: "***" });
    await eventually(async () => (await store.runs.list({ limit: 10, types: ["scheduled"] })).items.length > 1);

    await stranger.clear({ ...run, onlyFailed: false, dryRun: false });
    await eventually(async () => {
      const history = await store.runs.history(found!.key);
      return history.filter(({ state }) => state === "success").length === 2;
    });
    await stranger.setRunState({ ...run, state: "failed" });
    await eventually(() => isIn(store, run, "failed"));
  });

  it("that were deleted are found gone; what had ended keeps its end", async () => {
    const { airflow, control, store, stranger, begin } = await start([orders, slow]);
    control.startReconcilers();
    const run = await begin("orders");
    await eventually(() => isIn(store, run, "success"));
    await stranger.deleteRun(run);
    await eventually(async () => (await stored(store, run))?.record.goneAt !== null, 150_000);
    expect((await stored(store, run))?.record.state).toBe("success");
    expect(airflow.requests.count({ method: "POST", path: /dagRuns\/list$/ })).toBeGreaterThan(0);
  }, 180_000);

  it("that we stop are cancelled, that we delete are gone, and the feed does not say otherwise", async () => {
    const { airflow, control, store, begin } = await start([slow]);
    control.startReconcilers();
    const run = await begin("slow");
    await eventually(() => isIn(store, run, "running"));
    await control.actions.perform(actor, { verb: "run:stop", instance, ...run }, { deadlineMs: 20_000 });
    expect((await stored(store, run))?.record.state).toBe("cancelled");
    // The feed shows it as failed, twice at least.
    const feed = { method: "GET", path: /~\/dagRuns$/ };
    const seen = airflow.requests.count(feed);
    await eventually(() => airflow.requests.count(feed) >= seen + 2);
    expect((await stored(store, run))?.record).toMatchObject({
      state: "cancelled",
      read: { run: { state: "failed" } },
    });
    const { items } = await control.fleet.listDags({ limit: 10 });
    expect(items[0]?.cells[0]?.lastRun?.state).toBe("cancelled");
    await control.actions.perform(actor, { verb: "run:delete", instance, ...run }, { deadlineMs: 20_000 });
    expect((await stored(store, run))?.record).toMatchObject({ state: "cancelled", goneAt: expect.any(Number) });
  });

  it("that failed keep their tasks", async () => {
    const { control, store, begin } = await start([failing, orders]);
    control.startReconcilers();
    const [failed, fine] = [await begin("failing"), await begin("orders")];
    await eventually(() => isIn(store, failed, "failed"));
    await eventually(() => isIn(store, fine, "success"));
    await eventually(async () => (await store.runs.tasks((await stored(store, failed))!.key)).length === 1);
    const [kept] = await store.runs.tasks((await stored(store, failed))!.key);
    expect(kept?.task).toMatchObject({ taskId: "a", state: "failed", tryNumber: 1 });
  });

  it("from before our time are read back, newest first, in the background", async () => {
    const past: DagSpec = { ...orders, dagId: "past", history: { runs: 1_500, everySeconds: 300 } };
    const airflow = await aSimulation(generation, [past]);
    const { control, store } = await controlOf([airflow], { settings: { historyDays: 4, historyRuns: 1_200 } });
    control.startReconcilers();
    await eventually(async () => {
      const kept = await store.readings.find(instance, "runs.history");
      return kept?.watermark?.includes('"done":true') === true;
    });
    const { items } = await store.runs.list({ limit: 2_000 });
    const known = items.filter(({ record }) => record.dagId === "past");
    const fourDays = (4 * 86_400) / 300;
    expect(known.length).toBeGreaterThanOrEqual(fourDays - 2);
    expect(known.length).toBeLessThanOrEqual(fourDays + 2);
    expect(known.every(({ record }) => record.state === "success")).toBe(true);
    expect(airflow.requests.count({ method: "POST", path: /dagRuns\/list$/ })).toBeLessThan(5);
  });
});

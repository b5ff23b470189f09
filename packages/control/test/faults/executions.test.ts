import { createAirflowEngine } from "@airfleet/airflow";
import { resolveInstanceConfig, toDagId, toInstanceId } from "@airfleet/model";
import { createSimulator, type SimulatedInstance, type Simulator } from "@airfleet/simulator";
import type { Store } from "@airfleet/store";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { EnsuredVersion, ExecutableDeployments } from "../../src/executions/execution-ports.ts";
import { type Control, createControl } from "../../src/index.ts";
import { actor, aStore, eventually, fromFile } from "../fleet-fixture.ts";

const IDS = Array.from(
  { length: 40 },
  (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}` as const,
);
const dagOf = (pipeline: string): string => `pipeline_${pipeline.replaceAll("-", "_")}`;
const SLOW = IDS[38] ?? "";
const FAILING = IDS[39] ?? "";

const config = {
  nodes: [
    { id: "read", type: "extractor", data: { label: "Orders", moduleId: "csv", config: { path: "a.csv" } } },
    { id: "write", type: "loader", data: { moduleId: "csv", config: { file_path: "b.csv" } } },
  ],
  edges: [{ source: "read", target: "write" }],
};

const LIVE: EnsuredVersion = { state: "triggerable", revision: 1, hash: "abc", error: null };
const sim = toInstanceId("sim");

/** Deployments that are as far as a test says. */
const deploymentsOf = (look: () => EnsuredVersion): ExecutableDeployments => ({
  places: () => [{ id: sim, isEmbedded: false }],
  ensureLive: () => Promise.resolve(look()),
  present: () => Promise.resolve(look()),
});

let simulator: Simulator;
let airflow: SimulatedInstance;

const tasksOf = (pipeline: string) => [
  {
    taskId: "read",
    downstream: ["write"],
    durationSeconds: pipeline === SLOW ? 10_000 : 1,
    ...(pipeline === FAILING ? { failTries: 99 } : {}),
  },
  { taskId: "write", durationSeconds: 1 },
];

beforeAll(async () => {
  simulator = createSimulator({ timeScale: 50 });
  const dags = IDS.map((pipeline) => ({ dagId: dagOf(pipeline), isPaused: true, tasks: tasksOf(pipeline) }));
  airflow = await simulator.addInstance({ id: "sim", generation: 3, dags });
});
afterAll(() => simulator.close());

const openControl = async (
  store: Store,
  look: () => EnsuredVersion,
  settings: { readonly executionReadyMs?: number } = {},
): Promise<Control> => {
  const { username, password } = airflow.credentials;
  const control = await createControl({
    store,
    createEngine: (instance) => createAirflowEngine({ config: instance }),
    loadInstances: () =>
      Promise.resolve([fromFile({ id: "sim", url: airflow.url, auth: { type: "basic", username, password } })]),
    resolveSecrets: (instance) => resolveInstanceConfig(instance, () => ""),
    executableDeployments: deploymentsOf(look),
    settings,
  });
  onTestFinished(() => control.close({ drainMs: 1_000 }));
  control.startReconcilers();
  return control;
};

const addPipeline = (control: Control, id: string, changes: object = {}) =>
  control.pipelines.create(actor, { name: "Orders", config, defaultParams: { day: "x" }, ...changes }, { id });

const runsOf = (pipeline: string) => [...(airflow.world.dags.get(dagOf(pipeline))?.runs.values() ?? [])];

const awaitStatus = (control: Control, id: string, status: string): Promise<void> =>
  eventually(async () => (await control.executions.get(id, actor)).status === status, 60_000);

const manual = (pipeline: string) => ({ pipeline, params: { day: "2026" }, triggerType: "manual" }) as const;

describe("executing a pipeline", () => {
  it("waits for its version, unpauses, starts one run, and says what each node did", async () => {
    const pipeline = IDS[0] ?? "";
    let version: EnsuredVersion = { ...LIVE, state: "written" };
    const control = await openControl(await aStore(), () => version);
    await addPipeline(control, pipeline);
    const { execution } = await control.executions.execute(actor, manual(pipeline));
    expect(execution).toMatchObject({ status: "pending", stage: "preparing", instance: "sim" });
    await eventually(async () =>
      ((await control.executions.get(execution.id, actor)).stageNote ?? "").includes("it is written"),
    );
    expect(runsOf(pipeline)).toEqual([]);
    version = LIVE;
    await awaitStatus(control, execution.id, "success");
    await eventually(async () => (await control.executions.get(execution.id, actor)).stage === "done");
    const done = await control.executions.get(execution.id, actor);
    expect(done).toMatchObject({ artifactHash: "abc", revision: 1, error: null });
    expect(done.startedAt).not.toBeNull();
    expect(done.completedAt).not.toBeNull();
    expect(done.metrics?.nodes.map(({ node, label, state }) => [node, label, state])).toEqual([
      ["read", "Orders", "success"],
      ["write", null, "success"],
    ]);
    const [run, ...more] = runsOf(pipeline);
    expect(more).toEqual([]);
    expect(run).toMatchObject({
      conf: { pipeline_id: pipeline, execution_id: execution.id, params: { day: "2026" }, trigger_type: "manual" },
    });
    const { logs } = await control.executions.logs(execution.id, actor, { lines: 10 });
    expect(logs.map(({ task, tryNumber }) => [task, tryNumber])).toEqual([
      ["read", 1],
      ["write", 1],
    ]);
    expect(logs[0]?.lines.length).toBeGreaterThan(0);
    await expect(control.executions.cancel(execution.id, actor)).rejects.toMatchObject({
      message: "Cannot cancel execution with status: success",
    });
  });

  it("is one execution for one key, and refuses the key for another request", async () => {
    const pipeline = IDS[1] ?? "";
    const control = await openControl(await aStore(), () => LIVE);
    await addPipeline(control, pipeline);
    const asks = await Promise.all(
      [1, 2, 3].map(() => control.executions.execute(actor, { ...manual(pipeline), key: "k" })),
    );
    expect(new Set(asks.map(({ execution }) => execution.id)).size).toBe(1);
    await expect(
      control.executions.execute(actor, { ...manual(pipeline), params: {}, key: "k" }),
    ).rejects.toMatchObject({ code: "IDEMPOTENCY_KEY_REUSED" });
    await awaitStatus(control, asks[0]?.execution.id ?? "", "success");
    expect(runsOf(pipeline)).toHaveLength(1);
  });

  it("ends with the reason when its version cannot come, or does not in time", async () => {
    const error = { code: "DEPLOYMENT_IMPORT_FAILED", message: "Node read: no module" };
    const broken = await openControl(await aStore(), () => ({ ...LIVE, state: "broken", error }));
    await addPipeline(broken, IDS[2] ?? "");
    const first = await broken.executions.execute(actor, manual(IDS[2] ?? ""));
    await awaitStatus(broken, first.execution.id, "failed");
    expect((await broken.executions.get(first.execution.id, actor)).error).toMatchObject(error);
    const late = await openControl(await aStore(), () => ({ ...LIVE, state: "written" }), { executionReadyMs: 300 });
    await addPipeline(late, IDS[3] ?? "");
    const second = await late.executions.execute(actor, manual(IDS[3] ?? ""));
    await awaitStatus(late, second.execution.id, "failed");
    expect((await late.executions.get(second.execution.id, actor)).error?.code).toBe("EXECUTION_EXPIRED");
    expect([...runsOf(IDS[2] ?? ""), ...runsOf(IDS[3] ?? "")]).toEqual([]);
  });

  it("refuses an invalid pipeline with what is wrong with it", async () => {
    const control = await openControl(await aStore(), () => LIVE);
    await control.pipelines.create(actor, { name: "Empty" }, { id: IDS[4] ?? "" });
    await expect(control.executions.execute(actor, manual(IDS[4] ?? ""))).rejects.toMatchObject({
      code: "PIPELINE_INVALID",
      findings: [expect.objectContaining({ code: "empty_pipeline" })],
    });
  });

  it("tells which task failed and what it wrote last", async () => {
    const control = await openControl(await aStore(), () => LIVE);
    await addPipeline(control, FAILING);
    const { execution } = await control.executions.execute(actor, manual(FAILING));
    await awaitStatus(control, execution.id, "failed");
    await eventually(async () => (await control.executions.get(execution.id, actor)).stage === "done");
    const { error } = await control.executions.get(execution.id, actor);
    expect(error).toMatchObject({ code: "TASK_FAILED", message: expect.stringContaining('Task "read" failed') });
    expect(error?.trace).not.toBe("");
  });

  it("shows runs that somebody started in the engine itself, once", async () => {
    const pipeline = IDS[5] ?? "";
    const control = await openControl(await aStore(), () => LIVE);
    await addPipeline(control, pipeline);
    const dagId = toDagId(dagOf(pipeline));
    await control.actions.perform(
      actor,
      { verb: "run:trigger", instance: sim, dagId, conf: { params: { day: "2025" } }, runId: "by-hand", unpause: true },
      { deadlineMs: 20_000 },
    );
    await eventually(async () => {
      const { items } = await control.executions.list({ pipeline, limit: 10, counts: true }, actor);
      return items[0]?.status === "success";
    }, 60_000);
    const { items, total } = await control.executions.list({ pipeline, limit: 10, counts: true }, actor);
    expect(total).toBe(1);
    expect(items[0]).toMatchObject({ runId: "by-hand", isDiscovered: true, params: { day: "2025" } });
  });
});

describe("cancelling", () => {
  it("stops a run that works, and stays cancelled", async () => {
    const control = await openControl(await aStore(), () => LIVE);
    await addPipeline(control, SLOW);
    const { execution } = await control.executions.execute(actor, manual(SLOW));
    await awaitStatus(control, execution.id, "running");
    expect(await control.executions.cancel(execution.id, actor)).toMatchObject({ status: "cancelled" });
    await eventually(() => runsOf(SLOW)[0]?.state === "failed", 60_000);
    await control.executions.monitor(execution.id, actor);
    expect(await control.executions.get(execution.id, actor)).toMatchObject({ status: "cancelled" });
  });

  // Some fall before anything is asked for, some between, some into the run.
  it.each([0, 5, 10, 20, 30, 45, 60, 80, 110, 150, 200, 300, 450, 700])(
    "after %i ms leaves no run that works",
    async (delayMs) => {
      const index = 10 + [0, 5, 10, 20, 30, 45, 60, 80, 110, 150, 200, 300, 450, 700].indexOf(delayMs);
      const pipeline = IDS[index] ?? "";
      const store = await aStore();
      const control = await openControl(store, () => LIVE);
      await addPipeline(control, pipeline);
      const { execution } = await control.executions.execute(actor, manual(pipeline));
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const cancelled = await control.executions.cancel(execution.id, actor).catch(() => undefined);
      await eventually(async () => (await control.executions.get(execution.id, actor)).stage === "done", 60_000);
      const { status } = await control.executions.get(execution.id, actor);
      expect(status).toBe(cancelled === undefined ? "success" : "cancelled");
      expect(runsOf(pipeline).length).toBeLessThanOrEqual(1);
      expect(runsOf(pipeline).map(({ state }) => state)).not.toContain("running");
      expect(runsOf(pipeline).map(({ state }) => state)).not.toContain("queued");
    },
  );
});

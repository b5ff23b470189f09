import { describe, expect, it } from "vitest";
import { aDag, aRun, FakeInstance } from "./fake-instance.ts";
import { aFleet, eventually, unreachable } from "./fleet-fixture.ts";

const manyDags = (instance: FakeInstance, count: number): FakeInstance => {
  for (let index = 0; index < count; index += 1) instance.add(aDag(`dag_${String(index).padStart(4, "0")}`));
  return instance;
};

describe("polling", () => {
  it("reads a thousand DAGs in eleven calls, and writes nothing on the second sweep", async () => {
    const fake = manyDags(new FakeInstance("eu"), 1_000);
    const { control, store } = await aFleet([fake], { config: { limits: { sweep_seconds: 1 } } });
    control.startReconcilers();
    await eventually(async () => fake.count("listImportErrors") === 1);
    expect(fake.count("listDags") + fake.count("listImportErrors")).toBe(11);
    await eventually(() => control.instances.get(fake.id).status.dagsObservedAt !== null);
    const before = await store.dags.find(fake.id, aDag("dag_0500").dagId);
    await eventually(() => fake.count("listImportErrors") === 2);
    const after = await store.dags.find(fake.id, aDag("dag_0500").dagId);
    expect(after).toEqual(before);
    const page = await control.fleet.listDags({ limit: 1 });
    expect(page.items[0]?.cells[0]?.observedAt).toBeGreaterThan(before!.observedAt);
  }, 20_000);

  it("marks a DAG as gone that left the list, and shows a new one", async () => {
    const fake = manyDags(new FakeInstance("eu"), 2);
    const { control } = await aFleet([fake], { config: { limits: { sweep_seconds: 1 } } });
    control.startReconcilers();
    const ids = async (): Promise<string> =>
      (await control.fleet.listDags({ limit: 10 })).items.map(({ dagId }) => dagId).join();
    await eventually(async () => (await ids()) === "dag_0000,dag_0001");
    fake.dags.delete("dag_0000");
    fake.add(aDag("new"));
    await eventually(async () => (await ids()) === "dag_0001,new");
    expect(await ids()).toBe("dag_0001,new");
  });

  it("takes nothing away when a sweep breaks off", async () => {
    const fake = manyDags(new FakeInstance("eu"), 150);
    const { control } = await aFleet([fake], { config: { limits: { sweep_seconds: 1 } } });
    control.startReconcilers();
    await eventually(() => control.instances.get(fake.id).status.dagsObservedAt !== null);
    let pages = 0;
    fake.fault = (operation, when) => {
      if (operation === "listDags" && when === "before" && ++pages % 2 === 0) throw unreachable("eu");
    };
    await eventually(() => control.instances.get(fake.id).status.error !== null);
    const { items, instances } = await control.fleet.listDags({ limit: 1_000 });
    expect(items).toHaveLength(150);
    expect(instances[0]).toMatchObject({ stale: true });
    expect(items[0]?.cells[0]?.stale).toBe(true);
  });

  it("keeps reading the others while one instance hangs", async () => {
    const [hanging, lively] = [manyDags(new FakeInstance("a"), 3), manyDags(new FakeInstance("b"), 3)];
    hanging.fault = (_operation, _when, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    const { control } = await aFleet([hanging, lively]);
    control.startReconcilers();
    await eventually(() => control.instances.get(lively.id).status.dagsObservedAt !== null);
    expect(control.instances.get(hanging.id).status).toMatchObject({ state: "unknown", observedAt: null });
  });

  it("calls the board old, and says why, as soon as an instance does not answer for its health", async () => {
    const fake = manyDags(new FakeInstance("eu"), 1);
    fake.fault = (operation) => {
      if (operation === "probe") throw unreachable("eu");
    };
    const { control } = await aFleet([fake]);
    control.startReconcilers();
    await eventually(() => control.instances.get(fake.id).status.error !== null);
    const { instances } = await control.fleet.listDags({ limit: 1 });
    expect(instances).toMatchObject([{ stale: true, error: expect.stringContaining("Connection refused") }]);
  });

  it("asks an instance that does not answer only for its health, and less and less often", async () => {
    const fake = manyDags(new FakeInstance("eu"), 3);
    fake.fault = () => Promise.reject(unreachable("eu"));
    const { control, store } = await aFleet([fake]);
    control.startReconcilers();
    await eventually(async () => (await store.readings.find(fake.id, "health"))?.error !== undefined);
    expect(fake.calls.map(({ operation }) => operation)).toEqual(["probe"]);
    expect(control.instances.get(fake.id).status).toMatchObject({ state: "unreachable", stale: true });
  });

  it("shows each DAG's newest run, and leaves it when an older one is cleared", async () => {
    const fake = manyDags(new FakeInstance("eu"), 1)
      .addRun(aRun("dag_0000", "old", { runAfter: "2026-11-19T03:00:00Z", state: "failed" }))
      .addRun(aRun("dag_0000", "new", { runAfter: "2026-11-20T03:00:00Z", state: "success" }));
    const { control } = await aFleet([fake]);
    control.startReconcilers();
    const last = async () => (await control.fleet.listDags({ limit: 1 })).items[0]?.cells[0]?.lastRun;
    await eventually(async () => ((await last()) ?? null) !== null);
    expect(await last()).toMatchObject({ runId: "new", state: "success" });
  });

  it("does not poll a disabled instance, nor any when polling is off", async () => {
    const disabled = new FakeInstance("a");
    const idle = new FakeInstance("b");
    const lively = new FakeInstance("c");
    const atOnce = { random: () => 0 };
    for (const [fake, options] of [
      [disabled, { config: { enabled: false } }],
      [idle, { settings: { poll: false } }],
      [lively, {}],
    ] as const) {
      const { control } = await aFleet([fake], { ...options, ...atOnce });
      control.startReconcilers();
    }
    await eventually(() => lively.calls.length > 0);
    expect([disabled.calls, idle.calls]).toEqual([[], []]);
  });

  it("ends its readings when the control is closed", async () => {
    const fake = manyDags(new FakeInstance("eu"), 1);
    fake.fault = (_operation, _when, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    const { control } = await aFleet([fake]);
    control.startReconcilers();
    await eventually(() => fake.calls.length > 0);
    await control.close();
    expect(fake.enginesOpen).toBe(0);
  });
});

import { toDagId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { ActionIntent } from "../src/index.ts";
import { noMetrics } from "../src/index.ts";
import { aDag, aRun, aTask, FakeInstance } from "./fake-instance.ts";
import { actor, aFleet, aStore, eventually, unreachable } from "./fleet-fixture.ts";

const orders = toDagId("orders");
const alone = { settings: { poll: false } };

const trigger = (fake: FakeInstance): ActionIntent => ({
  verb: "run:trigger",
  instance: fake.id,
  dagId: orders,
  conf: {},
});

describe("an action that nobody waits for", () => {
  it("is answered as pending, and done when the instance is back", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    let refusals = 0;
    fake.fault = (operation) => {
      if (operation === "trigger" && ++refusals <= 1) throw unreachable("eu");
    };
    const { control } = await aFleet([fake], alone);
    control.startReconcilers();
    const later = { deadlineMs: 0, onTrouble: "retry" } as const;
    const { id, state } = await control.actions.perform(actor, trigger(fake), later);
    expect(state).toBe("pending");
    await eventually(async () => (await control.actions.get(id)).state === "done");
    expect(await control.actions.get(id)).toMatchObject({ attempts: 2, error: null });
    expect(fake.created).toBe(1);
  });

  it("is answered as done when it is done while the caller still waits", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    const { control } = await aFleet([fake], alone);
    const waiting = { deadlineMs: 5_000, onTrouble: "retry" } as const;
    expect(await control.actions.perform(actor, trigger(fake), waiting)).toMatchObject({ state: "done" });
  });

  it("is given up when its time is over", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    fake.fault = () => Promise.reject(unreachable("eu"));
    const { control } = await aFleet([fake], { settings: { poll: false, retryForMs: 500 } });
    const waiting = { deadlineMs: 5_000, onTrouble: "retry" } as const;
    expect(await control.actions.perform(actor, trigger(fake), waiting)).toMatchObject({
      state: "failed",
      error: { code: "INSTANCE_UNREACHABLE" },
    });
  });

  it("does not mistake a clear that never left for one that was sent", async () => {
    const run = { dagId: orders, runId: toRunId("r1") };
    const fake = new FakeInstance("eu")
      .add(aDag("orders"))
      .addRun(aRun("orders", "r1", { state: "failed" }), [aTask(run, "a", { state: "failed" })]);
    let refusals = 0;
    fake.fault = (operation, when) => {
      if (operation === "clear" && when === "before" && ++refusals <= 1) throw unreachable("eu");
    };
    const { control } = await aFleet([fake], alone);
    control.startReconcilers();
    const intent = { verb: "run:clear", instance: fake.id, ...run, onlyFailed: true, dryRun: false } as const;
    const { id } = await control.actions.perform(actor, intent, { deadlineMs: 0, onTrouble: "retry" });
    await eventually(async () => (await control.actions.get(id)).state !== "pending");
    expect(await control.actions.get(id)).toMatchObject({ state: "done" });
    expect(fake.cleared).toBe(1);
  });
});

describe("an action whose lease was lost", () => {
  it("ends its call, is finished by whoever has it now, and the stale write is refused and counted", async () => {
    const store = await aStore();
    const fake = new FakeInstance("eu").add(aDag("orders"));
    let calls = 0;
    fake.fault = (operation, when, signal) => {
      if (operation !== "setPaused" || when !== "before" || ++calls > 1) return undefined;
      return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    };
    const fenced: string[] = [];
    // Its heart beats too slowly for its lease: as if the process had been stopped.
    const { control: slow } = await aFleet([fake], {
      store,
      settings: { poll: false, leaseMs: 1_500, heartbeatMs: 60_000 },
      metrics: { ...noMetrics, fenced: (what) => fenced.push(what) },
    });
    const { control: next } = await aFleet([fake], { store, ...alone });
    const pause = { verb: "dag:pause", instance: fake.id, dagId: orders, paused: true } as const;
    const performed = slow.actions.perform(actor, pause, { deadlineMs: 30_000 });
    await eventually(() => fake.count("setPaused") === 1);
    next.startReconcilers();
    const { id } = await performed;
    expect(fenced).toEqual(["action"]);
    await eventually(async () => (await next.actions.get(id)).state === "done");
    expect(await next.actions.get(id)).toMatchObject({ attempts: 2, after: { is_paused: true } });
    const outcomes = (await store.audit.list({ limit: 10 })).items.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["done", "requested"]);
  });
});

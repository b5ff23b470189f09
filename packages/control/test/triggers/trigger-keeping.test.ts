import { toDagId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../src/index.ts";
import { createInstanceRegistry } from "../../src/fleet/instance-registry.ts";
import { createTriggerRetention, type TriggerKeep } from "../../src/triggers/trigger-retention.ts";
import { createTriggerWatch } from "../../src/triggers/trigger-watch.ts";
import { aDag, aRun, aTask, FakeInstance } from "../fake-instance.ts";
import { actor, aFleet, aStore, eventually, fromFile } from "../fleet-fixture.ts";
import { resolveInstanceConfig } from "@airfleet/model";

const alone = { settings: { poll: false } };
const HOUR = 3_600_000;

const later = (byMs: number) => ({
  now: () => Date.now() + byMs,
  after: (delayMs: number, run: () => void) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
});

/** A fleet of one with an accepted trigger, and what looks after it at a time that the test says. */
const given = async (dag = aDag("orders"), key?: string) => {
  const fake = new FakeInstance("eu").add(dag);
  const store = await aStore();
  const { control } = await aFleet([fake], { store, ...alone });
  const ask = { instances: ["eu"], dagId: toDagId("orders"), conf: {} };
  const terms = { actor, body: {}, ...(key === undefined ? {} : { key }) };
  const ticket = await control.triggers.request(ask, terms);
  const { triggers } = await control.triggers.settle(ticket, { goal: "accepted", withinMs: 10_000 });
  const [trigger] = triggers;
  if (trigger === undefined) throw new Error("nothing was recorded");
  await eventually(async () => (await control.triggers.runsOf([trigger])).size === 1);
  const loopPorts = (byMs: number) => ({ store, clock: later(byMs), logger: silentLogger, random: () => 0 });
  const registry = createInstanceRegistry({
    createEngine: () => fake.engine(),
    resolveSecrets: (one) => resolveInstanceConfig(one, () => ""),
    clock: later(0),
    logger: silentLogger,
  });
  registry.apply([{ ...fromFile({ id: "eu", url: "http://eu.example" }), version: 1, removed: false }]);
  const look = async (byMs: number, until: () => Promise<boolean>): Promise<void> => {
    const loop = createTriggerWatch({ ...loopPorts(byMs), registry, isOurs: () => true, onWritten: () => undefined });
    loop.start();
    await eventually(until);
    await loop.stop();
  };
  const sweep = async (keep: TriggerKeep, byMs: number, until: () => Promise<boolean>): Promise<void> => {
    const loop = createTriggerRetention({ ...loopPorts(byMs), keep });
    loop.start();
    await eventually(until);
    await loop.stop();
  };
  const codes = async () => (await store.triggers.find(trigger.id))?.warnings.map(({ code }) => code) ?? [];
  const isWatched = async () =>
    (await store.triggers.listWatched({ now: Date.now() + 365 * 24 * HOUR, limit: 5 })).length > 0;
  return { fake, store, control, trigger, ask, terms, look, sweep, codes, isWatched };
};

describe("an accepted trigger whose run does not start", () => {
  it("is said to wait for a DAG that was paused meanwhile", async () => {
    const { fake, look, codes } = await given();
    expect(await codes()).toEqual([]);
    fake.dags.set("orders", aDag("orders", { isPaused: true }));
    await look(60_000, async () => (await codes()).includes("DAG_PAUSED"));
  });

  it("is said to hang when a task waits for a file that is gone", async () => {
    const { fake, trigger, look, codes } = await given();
    const run = aRun("orders", trigger.runId, { state: "running" });
    fake.addRun(run, [aTask({ dagId: run.dagId, runId: toRunId(run.runId) }, "a", { state: "up_for_reschedule" })]);
    fake.dags.set("orders", aDag("orders", { isStale: true }));
    await look(60_000, async () => (await codes()).length === 2);
    expect(await codes()).toEqual(["DAG_STALE", "RUN_HANGS"]);
  });

  it("is looked at no more once its run is over", async () => {
    const { store, trigger, look, isWatched } = await given();
    expect(await isWatched()).toBe(true);
    const { instance, dagId, runId } = trigger;
    const run = aRun(dagId, runId, { state: "success", engineState: "success" });
    const observation = { kind: "read", source: "poll", at: Date.now() + 60_000, dagId, runId, run } as const;
    await store.runs.observe({ instance, observations: [observation] });
    await look(60_000, async () => !(await isWatched()));
  });
});

describe("keeping triggers", () => {
  it("until their run is known drops them, and a repeated key still answers the same run", async () => {
    const { fake, store, control, trigger, ask, terms, sweep } = await given(aDag("orders"), "k1");
    await sweep("until_run", 2 * 60_000, async () => (await store.triggers.find(trigger.id)) === undefined);
    expect(await control.triggers.attempts(trigger)).toEqual([]);
    const again = await control.triggers.request(ask, terms);
    expect(again).toMatchObject({ isReplay: true, triggers: [{ runId: trigger.runId, state: "accepted" }] });
    expect(fake.created).toBe(1);
  });

  it("for a time drops them after it, and not before", async () => {
    const { store, trigger, sweep } = await given();
    let looks = 0;
    await sweep(HOUR, 0, async () => ++looks > 5);
    expect(await store.triggers.find(trigger.id)).toBeDefined();
    await sweep(HOUR, 2 * HOUR, async () => (await store.triggers.find(trigger.id)) === undefined);
  });

  it("for ever drops none", async () => {
    const { store, trigger, sweep } = await given();
    let looks = 0;
    await sweep("forever", 400 * 24 * HOUR, async () => ++looks > 5);
    expect(await store.triggers.find(trigger.id)).toBeDefined();
  });
});

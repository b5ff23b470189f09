import { type ErrorCode, isAirfleetError, toDagId, type TriggerState } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { Control, TriggerAsk, TriggerTicket } from "../../src/index.ts";
import { aDag, aRun, FakeInstance } from "../fake-instance.ts";
import { actor, aFleet, aStore, eventually, unreachable } from "../fleet-fixture.ts";

const alone = { settings: { poll: false } };
const ask = (changes: Partial<TriggerAsk> = {}): TriggerAsk => ({
  instances: ["eu"],
  dagId: toDagId("orders"),
  conf: { day: "2026-11-20" },
  ...changes,
});
const plain = { actor, body: {} };
const eu = (): FakeInstance => new FakeInstance("eu").add(aDag("orders"));
const us = (): FakeInstance => new FakeInstance("us").add(aDag("orders"));

const codeOf = async (work: Promise<unknown>): Promise<ErrorCode | undefined> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (isAirfleetError(error)) return error.code;
    throw error;
  }
};

const settled = (control: Control, ticket: TriggerTicket): Promise<TriggerTicket> =>
  control.triggers.settle(ticket, { goal: "accepted", withinMs: 20_000 });

const statesOf = ({ triggers }: TriggerTicket): readonly TriggerState[] => triggers.map(({ state }) => state);

describe("a request for runs", () => {
  it("is recorded before it is answered, and becomes one run with the same id on every instance", async () => {
    const [one, other] = [eu(), us()];
    const { control } = await aFleet([one, other], alone);
    control.startReconcilers();
    const ticket = await control.triggers.request(ask({ instances: ["eu", "us"] }), plain);
    expect(ticket).toMatchObject({ isReplay: false, refused: [] });
    expect(new Set(ticket.triggers.map(({ runId }) => runId)).size).toBe(1);
    const done = await settled(control, ticket);
    expect(statesOf(done)).toEqual(["accepted", "accepted"]);
    expect([one.created, other.created]).toEqual([1, 1]);
    await eventually(async () => (await control.triggers.runsOf(done.triggers)).size === 2);
    const runs = await control.triggers.runsOf(done.triggers);
    expect([...runs.values()].map(({ triggerId }) => triggerId)).toEqual(done.triggers.map(({ id }) => id));
  });

  it("is carried out when nobody waits and there are many, in the order they came", async () => {
    const fake = eu();
    const { control } = await aFleet([fake], alone);
    control.startReconcilers();
    const asks = Array.from({ length: 60 }, (_, n) => ask({ conf: { n } }));
    const done = await settled(control, await control.triggers.requestMany(asks, plain));
    expect(statesOf(done)).toEqual(asks.map(() => "accepted"));
    expect(fake.created).toBe(60);
    const order = fake.calls
      .filter(({ operation }) => operation === "trigger")
      .map(({ args }) => (args[0] as { conf: { n: number } }).conf.n);
    expect(order).toEqual(asks.map((_, n) => n));
    // One reading of the DAG warns for many.
    expect(fake.count("getDag")).toBeLessThan(10);
  });

  it("with a key is recorded once, however many ask at once, and answers the same triggers afterwards", async () => {
    const fake = eu();
    const { control } = await aFleet([fake], alone);
    control.startReconcilers();
    const keyed = { actor, key: "k1", body: { a: 1 } };
    const tries = await Promise.allSettled(Array.from({ length: 100 }, () => control.triggers.request(ask(), keyed)));
    const tickets = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const codes = tries.flatMap((one) => (one.status === "rejected" ? [(one.reason as { code: string }).code] : []));
    expect(tickets.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(["IDEMPOTENCY_KEY_OUTSTANDING"]));
    const again = await control.triggers.request(ask(), keyed);
    expect(again).toMatchObject({ isReplay: true, requestId: tickets[0].requestId });
    expect(statesOf(await settled(control, again))).toEqual(["accepted"]);
    expect((await control.triggers.request(ask(), keyed)).triggers[0].state).toBe("accepted");
    expect(fake.created).toBe(1);
    const other = control.triggers.request(ask({ conf: {} }), { actor, key: "k1", body: { a: 2 } });
    expect(await codeOf(other)).toBe("IDEMPOTENCY_KEY_REUSED");
  });

  it("keeps the key of one caller apart from the same key of another", async () => {
    const { control } = await aFleet([eu()], alone);
    const mine = await control.triggers.request(ask(), { actor, key: "k", body: {} });
    const theirs = await control.triggers.request(ask(), { actor: { ...actor, id: "token:x" }, key: "k", body: {} });
    expect(theirs.isReplay).toBe(false);
    expect(theirs.triggers[0].runId).not.toBe(mine.triggers[0].runId);
  });

  it("goes to what a selector picks now, and says so when that is nothing", async () => {
    const [one, other] = [eu(), us()];
    const { control } = await aFleet([one, other], alone);
    const picked = ask({ selector: "instance=e*" });
    delete (picked as { instances?: unknown }).instances;
    const { triggers } = await control.triggers.request(picked, plain);
    expect(triggers.map(({ instance }) => instance)).toEqual(["eu"]);
    const none = { ...picked, selector: "instance=zz-*" };
    await expect(control.triggers.request(none, plain)).rejects.toThrow(/instance=zz-\*.*orders/);
    expect(await codeOf(control.triggers.request(none, plain))).toBe("TRIGGER_TARGETS_NONE");
    const limited = { actor: { ...actor, instances: ["us"] }, body: {} };
    expect(await codeOf(control.triggers.request(picked, limited))).toBe("TRIGGER_TARGETS_NONE");
    expect(await codeOf(control.triggers.request(ask(), limited))).toBe("INSTANCE_UNKNOWN");
  });

  it("records nothing when one of its instances is unknown", async () => {
    const { control, store } = await aFleet([eu()], alone);
    expect(await codeOf(control.triggers.request(ask({ instances: ["eu", "nope"] }), plain))).toBe("INSTANCE_UNKNOWN");
    expect((await store.triggers.list({ limit: 5 })).items).toEqual([]);
  });

  it.each([
    ["conf", { conf: ["a"] }, "CONF_UNUSABLE"],
    ["run id", { runId: "a b" }, "RUN_ID_INVALID"],
    ["prefix", { runIdPrefix: "ark:/13030" }, "RUN_ID_INVALID"],
    ["selector", { selector: "colour=blue" }, "SELECTOR_INVALID"],
  ])("is refused for a bad %s before anything is recorded", async (_what, changes, code) => {
    const { control, store } = await aFleet([eu()], alone);
    expect(await codeOf(control.triggers.request(ask(changes), plain))).toBe(code);
    expect((await store.triggers.list({ limit: 5 })).items).toEqual([]);
  });

  it("of many items records the good ones and tells of each bad one why", async () => {
    const fake = eu();
    const { control } = await aFleet([fake], alone);
    control.startReconcilers();
    const refused = { refused: { code: "REQUEST_INVALID", message: "bad" } } as const;
    const asks = [
      ask({ conf: { n: 0 } }),
      ask({ conf: "x" }),
      refused,
      ask({ instances: ["nope"] }),
      ask({ conf: { n: 4 } }),
    ];
    const keyed = { actor, key: "batch", body: { items: 5 } };
    const ticket = await settled(control, await control.triggers.requestMany(asks, keyed));
    expect(ticket.triggers.map(({ position }) => position)).toEqual([0, 4_000]);
    expect(ticket.refused.map(({ position, code }) => [position, code])).toEqual([
      [1_000, "CONF_UNUSABLE"],
      [2_000, "REQUEST_INVALID"],
      [3_000, "INSTANCE_UNKNOWN"],
    ]);
    expect(new Set(ticket.triggers.map(({ runId }) => runId)).size).toBe(2);
    const again = await control.triggers.requestMany(asks, keyed);
    expect(again).toMatchObject({ isReplay: true, refused: ticket.refused });
    expect(fake.created).toBe(2);
  });

  it("makes an id of a prefix that is the same on every instance and another for every item", async () => {
    const { control } = await aFleet([eu(), us()], alone);
    const item = ask({ instances: ["eu", "us"], runIdPrefix: "cinco__ark:/1/x", mapSlashes: true });
    const { triggers } = await control.triggers.requestMany([item, item, item], plain);
    const ids = triggers.map(({ runId }) => runId);
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toMatch(/^cinco__ark::1:x__\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    const keyed = await control.triggers.request(item, { actor, key: "k", body: {} });
    expect(keyed.triggers[0].runId).toMatch(/\+00:00__[a-z2-7]{8}$/);
    expect(new Set(keyed.triggers.map(({ runId }) => runId)).size).toBe(1);
  });

  it("names the project in the note", async () => {
    const fake = eu();
    const { control } = await aFleet([fake], { settings: { poll: false, projectName: "cinco" } });
    await settled(control, await control.triggers.request(ask({ note: "mine" }), plain));
    const [call] = fake.calls.filter(({ operation }) => operation === "trigger");
    expect(call?.args[0]).toMatchObject({ note: "mine | Triggered using Airfleet from cinco" });
  });

  it("hides secret values of the conf in everything that is recorded, but sends them", async () => {
    const fake = eu();
    const { control, store } = await aFleet([fake], alone);
    const conf = { api_token: "canary-1", nested: [{ ssn: "canary-2" }], day: "x" };
    const ticket = await control.triggers.request(ask({ conf, secretConfKeys: ["ssn"] }), plain);
    const { triggers } = await settled(control, ticket);
    const [call] = fake.calls.filter(({ operation }) => operation === "trigger");
    expect(call?.args[0]).toMatchObject({ conf });
    const action = await store.actions.find(triggers[0].actionId);
    const shown = JSON.stringify([triggers, action, await control.triggers.attempts(triggers[0])]);
    expect(shown).not.toContain("canary");
    expect(triggers[0].request["conf"]).toEqual({ api_token: "***", nested: [{ ssn: "***" }], day: "x" });
  });
});

describe("a trigger that meets trouble", () => {
  it("is tried again until the instance is back", async () => {
    const fake = eu();
    let refusals = 0;
    fake.fault = (operation, when) => {
      if (operation === "trigger" && when === "before" && ++refusals <= 1) throw unreachable("eu");
    };
    const { control } = await aFleet([fake], alone);
    control.startReconcilers();
    expect(statesOf(await settled(control, await control.triggers.request(ask(), plain)))).toEqual(["accepted"]);
    expect(fake.created).toBe(1);
  });

  it("is expired when its time was over and it surely was not sent", async () => {
    const fake = eu();
    fake.fault = () => Promise.reject(unreachable("eu"));
    const { control } = await aFleet([fake], alone);
    control.startReconcilers();
    const ticket = await control.triggers.request(ask({ expiresInMs: 300 }), plain);
    const done = await settled(control, ticket);
    expect(done.triggers[0]).toMatchObject({ state: "expired", error: { code: "INSTANCE_UNREACHABLE" } });
  });

  it("whose answer was lost is found out even after its time, and never sent again then", async () => {
    const fake = eu();
    let lost = 0;
    fake.fault = (operation, when) => {
      if (operation === "trigger" && when === "after" && ++lost === 1) throw unreachable("eu", true);
    };
    const { control } = await aFleet([fake], alone);
    control.startReconcilers();
    const done = await settled(control, await control.triggers.request(ask({ expiresInMs: 200 }), plain));
    expect(statesOf(done)).toEqual(["accepted"]);
    expect(fake.count("trigger")).toBe(1);
    expect(fake.count("getRun")).toBeGreaterThan(0);
    expect(fake.created).toBe(1);
  });

  it("that was sent, lost on the way and made no run has failed, and says so", async () => {
    const fake = eu();
    fake.fault = (operation, when) => {
      if (operation === "trigger" && when === "before") throw unreachable("eu", true);
    };
    const { control } = await aFleet([fake], alone);
    control.startReconcilers();
    const done = await settled(control, await control.triggers.request(ask({ expiresInMs: 200 }), plain));
    expect(done.triggers[0]).toMatchObject({ state: "failed", error: { code: "RUN_NOT_CREATED" } });
    expect(fake.created).toBe(0);
  });

  it("is rejected, and not asked again, when the instance knows no such DAG", async () => {
    const fake = eu();
    const { control } = await aFleet([fake], alone);
    const done = await settled(control, await control.triggers.request(ask({ dagId: toDagId("nope") }), plain));
    expect(done.triggers[0]).toMatchObject({ state: "rejected", error: { code: "DAG_UNKNOWN" } });
    expect(fake.count("trigger")).toBe(1);
  });

  it("is called off while it waits, and not any more once it was sent", async () => {
    const fake = eu();
    fake.fault = () => Promise.reject(unreachable("eu"));
    const { control, store } = await aFleet([fake], alone);
    const { triggers } = await control.triggers.request(ask(), plain);
    const id = triggers[0].id;
    await eventually(async () => (await store.triggers.find(id))?.state === "pending" && fake.count("trigger") > 0);
    expect(await control.triggers.cancel(id, actor)).toMatchObject({ state: "cancelled" });
    expect(await codeOf(control.triggers.cancel(id, actor))).toBe("TRIGGER_FINISHED");
    fake.fault = undefined;
    control.startReconcilers();
    const sent = await settled(control, await control.triggers.request(ask(), plain));
    expect(await codeOf(control.triggers.cancel(sent.triggers[0].id, actor))).toBe("TRIGGER_FINISHED");
    expect(await codeOf(control.triggers.cancel("trg_none", actor))).toBe("TRIGGER_UNKNOWN");
    const stranger = { ...actor, instances: ["us"] };
    expect(await codeOf(control.triggers.cancel(id, stranger))).toBe("TRIGGER_UNKNOWN");
    expect(fake.created).toBe(1);
  });

  it("of an instance that hangs does not keep those of others waiting", async () => {
    const [hanging, other] = [eu(), us()];
    hanging.fault = (_operation, _when, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    const { control } = await aFleet([hanging, other], alone);
    control.startReconcilers();
    const many = Array.from({ length: 300 }, (_, n) => ask({ conf: { n } }));
    await control.triggers.requestMany(many, plain);
    const quick = await control.triggers.requestMany(
      Array.from({ length: 20 }, () => ask({ instances: ["us"] })),
      plain,
    );
    const done = await control.triggers.settle(quick, { goal: "accepted", withinMs: 5_000 });
    expect(new Set(statesOf(done))).toEqual(new Set(["accepted"]));
  });
});

describe("a trigger that unpauses", () => {
  it("does so after the run was accepted", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders", { isPaused: true, schedule: null }));
    const { control } = await aFleet([fake], alone);
    const done = await settled(control, await control.triggers.request(ask({ unpause: true }), plain));
    expect(done.triggers[0]).toMatchObject({ state: "accepted", warnings: [] });
    const order = fake.calls.map(({ operation }) => operation).filter((name) => /trigger|setPaused/.test(name));
    expect(order).toEqual(["trigger", "setPaused"]);
    expect(fake.dags.get("orders")?.isPaused).toBe(false);
  });

  it("is rejected on a scheduled DAG, unless the scheduled run is accepted as well", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders", { isPaused: true }));
    const { control } = await aFleet([fake], alone);
    const refused = await settled(control, await control.triggers.request(ask({ unpause: true }), plain));
    expect(refused.triggers[0]).toMatchObject({ state: "rejected", error: { code: "UNPAUSE_STARTS_SCHEDULE" } });
    expect(fake.created).toBe(0);
    const meant = ask({ unpause: true, acceptScheduledRun: true });
    expect(statesOf(await settled(control, await control.triggers.request(meant, plain)))).toEqual(["accepted"]);
    expect(fake.dags.get("orders")?.isPaused).toBe(false);
  });

  it("warns when the DAG stays paused", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders", { isPaused: true }));
    const { control } = await aFleet([fake], alone);
    const done = await settled(control, await control.triggers.request(ask(), plain));
    expect(done.triggers[0].warnings.map(({ code }) => code)).toEqual(["DAG_PAUSED"]);
  });
});

describe("waiting for a run's end", () => {
  it("lasts until the run is over, and no longer than asked", async () => {
    const fake = eu();
    const store = await aStore();
    const { control } = await aFleet([fake], { store, ...alone });
    const ticket = await control.triggers.request(ask(), plain);
    const early = await control.triggers.settle(ticket, { goal: "finished", withinMs: 100 });
    expect(statesOf(early)).toEqual(["accepted"]);
    const [trigger] = early.triggers;
    const { instance, dagId, runId } = trigger;
    const waiting = control.triggers.settle(ticket, { goal: "finished", withinMs: 20_000 });
    const run = aRun(dagId, runId, { state: "success", engineState: "success" });
    fake.runs.set(`${dagId} ${runId}`, run);
    const observation = { kind: "read", source: "poll", at: Date.now() + 60_000, dagId, runId, run } as const;
    await store.runs.observe({ instance, observations: [observation] });
    await waiting;
    const runs = await control.triggers.runsOf(early.triggers);
    expect([...runs.values()][0].record.state).toBe("success");
  });
});

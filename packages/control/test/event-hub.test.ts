import { STATE_WORD_TABLES, toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { runKeyOf, type StoredEvent } from "@airfleet/store";
import { describe, expect, it } from "vitest";
import { type EventSelection, matchEvent } from "../src/events/event-filter.ts";
import { toEventFrame } from "../src/events/event-frame.ts";
import { createEventHub, type EventListener, type FollowRequest } from "../src/events/event-hub.ts";
import { silentLogger } from "../src/index.ts";
import { aRun, FakeInstance } from "./fake-instance.ts";
import { actor, aFleet, aStore, eventually, unreachable } from "./fleet-fixture.ts";
import { ManualClock } from "./manual-clock.ts";

const place = { instance: toInstanceId("eu"), dagId: toDagId("d"), runId: toRunId("r") };

const anEvent = (changes: Partial<StoredEvent> = {}): StoredEvent => ({
  seq: 1,
  at: 0,
  kind: "run.changed",
  ...place,
  tenant: null,
  payload: { id: runKeyOf(place), state: "success", before: "running", engine_state: "success" },
  ...changes,
});

const selection = (filter: EventSelection["filter"], scope: readonly string[] = ["*"]): EventSelection => ({
  filter,
  scope,
  words: null,
});

/** A listener that remembers what it was sent. */
const aListener = (): EventListener & { readonly text: () => string; readonly ids: () => number[] } => {
  let text = "";
  const take = (frames: Uint8Array): void => {
    text += new TextDecoder().decode(frames);
  };
  return {
    send: take,
    sendPaced: async (frames) => take(frames),
    end: () => void (text += "END"),
    text: () => text,
    ids: () => Array.from(text.matchAll(/^id: (\d+)\ndata: /gm), ([, id]) => Number(id)),
  };
};

const request = (changes: Partial<FollowRequest> = {}): FollowRequest => ({
  filter: {},
  scope: ["*"],
  words: null,
  ...changes,
});

describe("which events a listener gets", () => {
  it("is decided by kind, family, instance, DAG and run", () => {
    const event = anEvent();
    const cases: readonly (readonly [EventSelection["filter"], boolean])[] = [
      [{}, true],
      [{ kinds: ["run.changed"] }, true],
      [{ kinds: ["dag.changed", "run.*"] }, true],
      [{ kinds: ["run"] }, false],
      [{ kinds: ["dag.*"] }, false],
      [{ instances: ["us"] }, false],
      [{ dagIds: ["d"] }, true],
      [{ dagIds: ["e"] }, false],
      [{ run: runKeyOf(place) }, true],
      [{ run: runKeyOf({ ...place, runId: toRunId("other") }) }, false],
    ];
    for (const [filter, expected] of cases) expect(matchEvent(event, selection(filter))).toBe(expected);
    const ofTask = anEvent({ kind: "action.finished", payload: { id: "act_1" } });
    expect(matchEvent(ofTask, selection({ run: runKeyOf(place) }))).toBe(true);
  });

  it("is bounded by what its token reaches; what is of no instance is for those who reach all", () => {
    expect(matchEvent(anEvent(), selection({}, ["e*"]))).toBe(true);
    expect(matchEvent(anEvent(), selection({}, ["us"]))).toBe(false);
    expect(matchEvent(anEvent({ instance: null }), selection({}, ["eu"]))).toBe(false);
    expect(matchEvent(anEvent({ instance: null }), selection({}, ["*"]))).toBe(true);
  });

  it("asks the store where an event names only some of its subjects", () => {
    const subject = { type: "thing", id: "21" };
    const of = (payload: Readonly<Record<string, unknown>>, kind = "run.changed") =>
      matchEvent(anEvent({ kind, payload: { id: runKeyOf(place), ...payload } }), selection({ subject }));
    expect(of({ subjects: [{ type: "thing", id: "1" }], subjects_total: 1 })).toBe(false);
    expect(of({ subjects: [{ type: "thing", id: "1" }, subject], subjects_total: 2 })).toBe(true);
    expect(of({ subjects: [{ type: "thing", id: "1" }], subjects_total: 900 })).toBe("ask");
    expect(of({ subjects_total: 900 }, "subject.changed")).toBe("ask");
    expect(of({ type: "thing", id: "21" }, "subject.changed")).toBe(true);
    expect(of({ type: "other", id: "21" }, "subject.changed")).toBe(false);
  });

  it("speaks of run states in the listener's words, and never of the engine's own", () => {
    const frame = toEventFrame(anEvent(), STATE_WORD_TABLES.cinco);
    expect(frame).toContain('"state":"succeeded","before":"running","engine_state":"success"');
    const other = anEvent({ kind: "dag.changed", payload: { state: "success" } });
    expect(toEventFrame(other, STATE_WORD_TABLES.cinco)).toContain('"state":"success"');
  });
});

describe("the hub", () => {
  it("says every 15 seconds that a stream lives, and where it has got to", async () => {
    const store = await aStore();
    const clock = new ManualClock();
    const hub = createEventHub({ store, clock, logger: silentLogger, random: () => 0 });
    hub.start();
    const listener = aListener();
    hub.follow(request({ filter: { kinds: ["nothing.*"] } }), listener);
    await eventually(() => listener.text().includes("event: live"));
    await store.events.append({ kind: "run.changed" });
    await store.events.sequence();
    hub.wake();
    await eventually(async () => {
      await clock.advance(15_000);
      return listener.text().includes(": still here\nid: 1\n\n");
    });
    expect(listener.ids()).toEqual([]);
    await hub.stop();
    expect(listener.text()).toMatch(/END$/);
    const late = aListener();
    hub.follow(request(), late);
    expect(late.text()).toBe("END");
  });

  it("hands each listener every event once and in order, also those who join while events come", async () => {
    const { control, store } = await aFleet([], { settings: { poll: false } });
    control.startReconcilers();
    const listeners: { readonly after: number; readonly listener: ReturnType<typeof aListener> }[] = [];
    const total = 400;
    for (let number = 1; number <= total; number += 1) {
      await store.events.append({ kind: "run.changed", payload: { number } });
      if (number % 9 === 0) await store.events.sequence();
      if (number % 8 !== 0) continue;
      const listener = aListener();
      const after = Math.max(0, number - 40);
      listeners.push({ after, listener });
      control.events.follow(actor, { filter: {}, words: null, after }, listener);
    }
    await eventually(() => listeners.every(({ listener }) => listener.ids().at(-1) === total));
    for (const { after, listener } of listeners) {
      expect(listener.ids()).toEqual(Array.from({ length: total - after }, (_, index) => after + 1 + index));
    }
    expect(control.events.size()).toBe(listeners.length);
  });
});

describe("an instance's condition", () => {
  it("is told when it changes, with what changed only, and not otherwise", async () => {
    const fake = new FakeInstance("eu");
    const { control, store } = await aFleet([fake], { settings: { poll: false } });
    const changes = async () => {
      await store.events.sequence();
      const events = await store.events.list({ after: 0, limit: 100 });
      return events.filter(({ kind }) => kind === "instance.changed").map(({ payload }) => payload);
    };
    await control.instances.probe(fake.id);
    await control.instances.probe(fake.id);
    fake.fault = () => Promise.reject(unreachable("eu"));
    await control.instances.probe(fake.id);
    await control.instances.probe(fake.id);
    fake.fault = undefined;
    await control.instances.probe(fake.id);
    expect(await changes()).toEqual([
      { before: { state: "unknown", version: null }, after: { state: "healthy", version: "2.11.2" } },
      { before: { state: "healthy" }, after: { state: "unreachable" } },
      { before: { state: "unreachable" }, after: { state: "healthy" } },
    ]);
  });

  it("is told when its scheduler falls silent and comes back, and when calls to it are held back", async () => {
    const fake = new FakeInstance("eu");
    const { control, store } = await aFleet([fake], { settings: { poll: false } });
    const { probe: usual } = fake;
    const withScheduler = (status: "healthy" | "unhealthy"): typeof fake.probe => {
      const others = usual.health.components.filter(({ name }) => name !== "scheduler");
      const components = [...others, { name: "scheduler", status, heartbeatAt: "2026-11-20T03:00:00Z" } as const];
      return { ...usual, health: { healthy: status === "healthy", components } };
    };
    const changes = async () => {
      await store.events.sequence();
      const events = await store.events.list({ after: 0, limit: 100 });
      return events.filter(({ kind }) => kind === "instance.changed").map(({ payload }) => payload);
    };
    const probe = () => control.instances.probe(fake.id);
    fake.probe = withScheduler("healthy");
    await probe();
    const known = (await changes()).length;
    fake.probe = withScheduler("unhealthy");
    await probe();
    await probe();
    fake.probe = withScheduler("healthy");
    await probe();
    fake.breaker = "open";
    await probe();
    await probe();
    fake.breaker = "closed";
    await probe();
    expect((await changes()).slice(known)).toMatchObject([
      { before: { scheduler: "healthy" }, after: { scheduler: "unhealthy" } },
      { before: { scheduler: "unhealthy" }, after: { scheduler: "healthy" } },
      { before: { breaker: "closed" }, after: { breaker: "open" } },
      { before: { breaker: "open" }, after: { breaker: "closed" } },
    ]);
  });
});

describe("a stream about one run", () => {
  it("counts as somebody who watches it, as long as it is open", async () => {
    const fake = new FakeInstance("eu").addRun(aRun("d", "r", { state: "running", engineState: "running" }));
    const { control, store } = await aFleet([fake], { settings: { poll: false } });
    await control.reports.postToInstance(actor, fake.id, [JSON.stringify({ dag_id: "d", dag_run_id: "r" })]);
    control.startReconcilers();
    const listener = aListener();
    const following = control.events.follow(actor, { filter: { run: runKeyOf(place) }, words: null }, listener);
    await eventually(async () => (await store.runs.find(runKeyOf(place)))?.record.read !== null);
    following.close();
    const unseen = control.events.follow(
      { instances: ["us"] },
      { filter: { run: runKeyOf(place) }, words: null },
      aListener(),
    );
    expect(control.events.size()).toBe(1);
    unseen.close();
    expect(control.events.size()).toBe(0);
  });

  it("watches the run as soon as anybody has told of it, when it is opened before that", async () => {
    const fake = new FakeInstance("eu").addRun(aRun("d", "r", { state: "running", engineState: "running" }));
    const { control, store } = await aFleet([fake], { settings: { poll: false } });
    control.startReconcilers();
    const following = control.events.follow(actor, { filter: { run: runKeyOf(place) }, words: null }, aListener());
    await expect(store.runs.find(runKeyOf(place))).resolves.toBeUndefined();
    const { dagId, runId } = place;
    const heard = { kind: "heard", dagId, runId, source: "report", state: "queued", at: Date.now() } as const;
    await store.runs.observe({ instance: fake.id, observations: [heard] });
    // Less than the time after which a stream looks by itself what it is about.
    await eventually(async () => (await store.runs.find(runKeyOf(place)))?.record.read !== null, 8_000);
    following.close();
  });
});

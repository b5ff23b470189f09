import { type ActionId, type StoppedTask, toActionId, toDagId, toInstanceId, toRunId, toTaskId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { runKeyOf } from "../src/index.ts";
import type { NewStop } from "../src/index.ts";
import { backends, PATIENT } from "./backends.ts";

const place = { instance: toInstanceId("eu"), dagId: toDagId("orders"), runId: toRunId("r\u0000 1") };

const aTask: StoppedTask = {
  taskId: toTaskId("load"),
  mapIndex: 2,
  tryNumber: 3,
  stateBefore: "running",
  hostname: "worker",
  pid: 7,
  gone: null,
  lastSignAt: 1_000,
  isEnding: false,
  seenProcess: null,
  logLines: null,
};

const aStop = (actionId: ActionId, changes: Partial<NewStop> = {}): NewStop => ({
  ...place,
  actionId,
  stage: "sending",
  runStartedAt: "2026-11-21T10:00:00Z",
  begunAt: 1_000,
  until: 121_000,
  tasks: [aTask],
  ...changes,
});

describe.each(backends)("stops ($name)", PATIENT, (backend) => {
  it("are begun once per action, changed, and found by their run, newest first", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    const [first, second] = [toActionId("act_1"), toActionId("act_2")];
    const begun = await store.stops.begin(aStop(first));
    expect(begun).toMatchObject({ stage: "sending", tasks: [aTask], stoppedAt: null, until: 121_000 });
    // Whoever takes the action over after a crash finds what was written, and does not write it anew.
    expect(await store.stops.begin(aStop(first, { stage: "settling", tasks: [] }))).toEqual(begun);
    const gone = { kind: "confirmed", by: "log_end", at: 2_000, detail: "Task killed!" } as const;
    await store.stops.change(first, { stage: "waiting", stoppedAt: 1_500, tasks: [{ ...aTask, gone }] });
    expect(await store.stops.find(first)).toMatchObject({
      stage: "waiting",
      stoppedAt: 1_500,
      runStartedAt: "2026-11-21T10:00:00Z",
      tasks: [{ gone }],
    });
    await store.stops.begin(aStop(second));
    const found = await store.stops.ofRun(runKeyOf(place), 10);
    expect(found.map(({ actionId }) => actionId)).toEqual([second, first]);
    expect(await store.stops.find(toActionId("act_3"))).toBeUndefined();
  });

  it("tell of each change as an event", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    const action = toActionId("act_1");
    await store.stops.begin(aStop(action));
    const gone = { kind: "presumed", at: 31_000, silentMs: 30_000 } as const;
    await store.stops.change(action, { stage: "waiting", tasks: [{ ...aTask, gone }] });
    await store.events.sequence();
    const [event, ...others] = await store.events.list({ after: 0, limit: 10 });
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      kind: "action.progress",
      instance: "eu",
      payload: { id: action, verb: "run:stop", stage: "waiting", processes: 1, confirmed: 0, presumed: 1 },
    });
  });

  it("are dropped when they have not changed for long", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    const action = toActionId("act_1");
    const { changedAt } = await store.stops.begin(aStop(action));
    expect(await store.stops.sweep(changedAt)).toBe(0);
    expect(await store.stops.sweep(changedAt + 1)).toBe(1);
    expect(await store.stops.find(action)).toBeUndefined();
  });

  it("give their key back at their end, so that the next stop is another one", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    const stop = {
      verb: "run:stop",
      actor: "local",
      instance: place.instance,
      dagId: place.dagId,
      request: {},
      dedupeKey: "one at a time",
    } as const;
    const leaseTo = { owner: "me", leaseMs: 30_000 };
    const first = await store.actions.record(stop, { leaseTo });
    expect((await store.actions.record(stop)).action.id).toBe(first.action.id);
    const { fencingToken } = first.lease!;
    await store.actions.finish({ id: first.action.id, fencingToken, state: "done" });
    expect((await store.actions.record(stop)).created).toBe(true);
  });
});

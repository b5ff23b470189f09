import { type RunObservation, toInstanceId, toRunKey } from "@airfleet/model";
import { assert, dictionary, jsonValue, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { confHashOf } from "../../src/actions/stored-intent.ts";
import { createRedactor } from "../../src/audit/redact-secrets.ts";
import { createLastRuns } from "../../src/poll/last-runs.ts";
import { createInstanceTime } from "../../src/runs/instance-time.ts";
import { KEPT_CONF_BYTES, toKeptConf } from "../../src/runs/kept-conf.ts";
import { createRunTracker } from "../../src/runs/run-tracker.ts";
import { aDag, aRun } from "../fake-instance.ts";
import { aStore } from "../fleet-fixture.ts";
import { ManualClock } from "../manual-clock.ts";

const instance = toInstanceId("eu");

const aTracker = async () => {
  const store = await aStore();
  const asked: unknown[] = [];
  let woken = 0;
  const tracker = createRunTracker({
    store,
    lastRuns: createLastRuns(store),
    matcher: {
      match: ({ conf }) => {
        asked.push(conf);
        return [{ type: "order", id: "7", label: null, url: null }];
      },
    },
    time: { at: (_instance, ourTime = 1_000) => ourTime },
    redact: createRedactor(),
    onWritten: () => {
      woken += 1;
    },
  });
  return { store, tracker, asked, woken: () => woken };
};

const read = (at: number, changes: Parameters<typeof aRun>[2] = {}): RunObservation => {
  const run = aRun("orders", "r1", changes);
  return { kind: "read", dagId: run.dagId, runId: run.runId, source: "poll", at, run };
};

describe("the tracker", () => {
  it("keeps a run without its secrets, ties its subjects, and wakes whoever tells of it, once", async () => {
    const { store, tracker, woken } = await aTracker();
    const news = read(1, { conf: { order: 7, password: "hunter2", nested: { api_key: "x" } } });
    const [change] = await tracker.note(instance, [news]);
    expect(change).toMatchObject({ before: null, after: "queued", isNew: true });
    expect(change?.run.record.read?.run.conf).toEqual({ order: 7, password: "***", nested: { api_key: "***" } });
    expect(change?.run.subjects).toMatchObject([{ type: "order", id: "7" }]);
    expect(woken()).toBe(1);
    expect(await tracker.note(instance, [news])).toEqual([]);
    expect(woken()).toBe(1);
    expect((await store.runs.history(change?.run.key ?? toRunKey(""))).length).toBe(1);
  });

  it("tells a conf by its hash as it came, before secrets were taken out and it was cut", async () => {
    const { store, tracker } = await aTracker();
    const hashes: unknown[] = [];
    const runs = { ...store.runs };
    store.runs.observe = (request) => {
      hashes.push(...request.observations.map((one) => request.confHashOf?.(one)));
      return runs.observe(request);
    };
    const conf = { order: 7, password: "hunter2", ids: Array.from({ length: 10_000 }, (_, number) => `id-${number}`) };
    const { dagId, runId } = aRun("orders", "r2");
    const heard: RunObservation = { kind: "heard", source: "report", dagId, runId, at: 1, state: "running" };
    await tracker.note(instance, [read(1, { conf }), heard]);
    expect(hashes).toEqual([confHashOf(conf), null]);
  });

  it("shows rules the whole of a conf that is too long to be kept", async () => {
    const { tracker, asked } = await aTracker();
    const ids = Array.from({ length: 10_000 }, (_, number) => `id-${number}`);
    const [change] = await tracker.note(instance, [read(1, { conf: { ids, order: 7 } })]);
    expect(asked).toEqual([{ ids, order: 7 }]);
    const kept = change?.run.record.read?.run.conf;
    expect(kept).toMatchObject({ order: 7, ids: expect.stringContaining("bytes left out") });
    expect(JSON.stringify(kept).length).toBeLessThan(KEPT_CONF_BYTES);
  });

  it("calls a run cancelled on the board that the engine goes on calling failed", async () => {
    const { store, tracker } = await aTracker();
    await store.dags.observe(instance, [aDag("orders")], 1);
    const failed = { state: "failed", engineState: "failed", startedAt: "2026-11-20T03:00:00Z" } as const;
    const { dagId, runId } = aRun("orders", "r1");
    await tracker.note(instance, [
      { kind: "stopped", dagId, runId, source: "action", at: 2, startedAt: failed.startedAt },
      read(2, failed),
    ]);
    await tracker.note(instance, [read(3, failed)]);
    expect((await store.dags.find(instance, dagId))?.lastRun?.state).toBe("cancelled");
  });
});

describe("a conf that is kept", () => {
  it("is the conf itself when it is short, and never longer than the limit", () => {
    assert(
      property(dictionary(string(), jsonValue()), (conf) => {
        const kept = toKeptConf(conf);
        expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(KEPT_CONF_BYTES);
        expect(kept === conf).toBe(Buffer.byteLength(JSON.stringify(conf)) <= KEPT_CONF_BYTES);
      }),
    );
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, number) => [`key_${number}`, number]));
    expect(Buffer.byteLength(JSON.stringify(toKeptConf(many)))).toBeLessThanOrEqual(KEPT_CONF_BYTES);
    const long = { a: "x".repeat(1_000_000), b: "y".repeat(20_000), id: 7 };
    expect(toKeptConf(long)).toMatchObject({ id: 7 });
    expect(toKeptConf(long)).toEqual(toKeptConf({ ...long }));
  });
});

describe("an instance's time", () => {
  it("does not follow the jitter of its whole seconds, but a change of its clock", () => {
    let clockSkewMs: number | null = null;
    const clock = new ManualClock(100_000);
    const time = createInstanceTime({ probe: () => ({ clockSkewMs }) as never }, clock);
    expect(time.at(instance)).toBe(100_000);
    clockSkewMs = 5_400;
    expect(time.at(instance)).toBe(105_400);
    clockSkewMs = 4_800;
    expect(time.at(instance)).toBe(105_400);
    expect(time.at(instance, 50_000)).toBe(55_400);
    clockSkewMs = -60_000;
    expect(time.at(instance)).toBe(40_000);
  });
});

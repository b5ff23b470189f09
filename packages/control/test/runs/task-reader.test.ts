import type { Run } from "@airfleet/model";
import { runKeyOf } from "@airfleet/store";
import { describe, expect, it } from "vitest";
import { createRunTracker } from "../../src/runs/run-tracker.ts";
import { createTryReader } from "../../src/runs/try-reader.ts";
import { createTaskReader } from "../../src/runs/task-reader.ts";
import { createLastRuns } from "../../src/poll/last-runs.ts";
import { aRun, aTask, FakeInstance } from "../fake-instance.ts";
import { aStore, unreachable } from "../fleet-fixture.ts";

const BEGUN = "2026-11-20T03:00:00.000Z";
const ENDED = "2026-11-20T03:10:00.000Z";
const { signal } = new AbortController();

const aReader = async ({ isWatched = false, mayBeHollow = false } = {}) => {
  const store = await aStore();
  const fake = new FakeInstance("eu");
  let now = Date.parse(BEGUN);
  const tracker = createRunTracker({
    store,
    lastRuns: createLastRuns(store),
    matcher: { match: () => [] },
    time: { at: () => now },
    redact: (value) => value,
    onWritten: () => undefined,
  });
  const start = () =>
    createTaskReader({
      store,
      tracker,
      tries: createTryReader({ store, tracker }),
      isWatched: () => isWatched,
      mayBeHollow: () => mayBeHollow,
    });
  const note = async (runs: readonly Run[], at: string) => {
    now = Date.parse(at);
    return tracker.note(
      fake.id,
      runs.map((run) => ({ kind: "read", dagId: run.dagId, runId: run.runId, source: "poll", at: now, run })),
    );
  };
  const reads = () => fake.calls.filter(({ operation }) => operation === "listTaskInstances").length;
  const states = async (run: Run) =>
    (await store.runs.tasks(runKeyOf({ instance: fake.id, ...run }))).map(({ task }) => task.state);
  return { store, fake, engine: fake.engine(), start, note, reads, states };
};

const failed = (name: string): Run => aRun("d", name, { state: "failed", startedAt: BEGUN, endedAt: ENDED });

describe("reading tasks", () => {
  it("asks once for a hundred runs that failed, and not for a success that nobody cares for", async () => {
    const { fake, engine, start, note, reads, states } = await aReader();
    const runs = Array.from({ length: 120 }, (_, index) => failed(`r${index}`));
    const success = aRun("d", "fine", { state: "success", startedAt: BEGUN, endedAt: ENDED });
    for (const run of [...runs, success]) fake.addRun(run, [aTask(run, "load", { state: "failed" })]);
    await start().follow(engine, await note([...runs, success], ENDED), signal);
    expect(reads()).toBe(2);
    expect(await states(runs[119])).toEqual(["failed"]);
    expect(await states(success)).toEqual([]);
  });

  it("reads tasks again that were read before the run's end was learned of elsewhere, once", async () => {
    const watching = await aReader({ isWatched: true });
    const { fake, engine, start, note, reads, states } = watching;
    const running = aRun("d", "r", { state: "running", startedAt: BEGUN });
    fake.addRun(running, [aTask(running, "load", { state: "running" })]);
    await start().follow(engine, await note([running], BEGUN), signal);
    expect(await states(running)).toEqual(["running"]);
    // Another process, or a report, notes the end and is killed before it reads the tasks.
    fake.addRun(failed("r"), [aTask(running, "load", { state: "failed" })]);
    await note([failed("r")], ENDED);
    await start().catchUp(engine, [failed("r")], signal);
    expect(await states(running)).toEqual(["failed"]);
    await start().catchUp(engine, [failed("r")], signal);
    expect(reads()).toBe(2);
  });

  it("keeps the earlier tries of tasks of runs that ended, asking once for each task that was tried again", async () => {
    const { store, fake, engine, start, note } = await aReader();
    const run = failed("r");
    const tries = [1, 2, 3].map((tryNumber) => aTask(run, "load", { state: "failed", tryNumber, pid: tryNumber }));
    fake.addRun(run, [tries[2], aTask(run, "once", { state: "failed" })]);
    fake.tries.set("d r load -1", tries);
    const reader = start();
    await reader.follow(engine, await note([run], ENDED), signal);
    const key = runKeyOf({ instance: fake.id, ...run });
    expect((await store.runs.tries(key, tries[0])).map(({ task }) => [task.tryNumber, task.pid])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    // Another process, which remembers nothing.
    await start().catchUp(engine, [run], signal);
    await start().follow(engine, await note([{ ...run, note: "looked at" }], "2026-11-20T03:11:00.000Z"), signal);
    expect(fake.count("listTries")).toBe(1);
  });

  it("goes on when the tries of a task cannot be had", async () => {
    const { fake, engine, start, note, states } = await aReader();
    const run = failed("r");
    fake.addRun(run, [aTask(run, "load", { state: "failed", tryNumber: 2 })]);
    fake.fault = (operation) => (operation === "listTries" ? Promise.reject(unreachable("eu")) : undefined);
    await start().follow(engine, await note([run], ENDED), signal);
    expect(fake.count("listTries")).toBe(1);
    expect(await states(run)).toEqual(["failed"]);
  });

  it("notes a success whose tasks were all removed as a failure", async () => {
    const { store, fake, engine, start, note } = await aReader({ mayBeHollow: true });
    const hollow = aRun("d", "r", { state: "success", startedAt: BEGUN, endedAt: BEGUN });
    fake.addRun(hollow, [aTask(hollow, "load", { state: "removed" })]);
    await start().follow(engine, await note([hollow], BEGUN), signal);
    expect((await store.runs.find(runKeyOf({ instance: fake.id, ...hollow })))?.record.state).toBe("failed");
  });
});

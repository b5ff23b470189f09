import { AirfleetError, type Run, toInstanceId, toTaskId } from "@airfleet/model";
import { type RunPlace, runKeyOf, type Store } from "@airfleet/store";
import { expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../src/index.ts";
import { createLogArchiver, type LogSettings } from "../../src/logs/log-archiver.ts";
import type { Metrics } from "../../src/metrics.ts";
import { noMetrics } from "../../src/metrics.ts";
import type { Control } from "../../src/index.ts";
import { aDag, aRun, aTask, FakeInstance } from "../fake-instance.ts";
import { aFleet, eventually, unreachable } from "../fleet-fixture.ts";
import { ManualClock } from "../manual-clock.ts";

const id = toInstanceId("eu-1");
const START = Date.parse("2026-11-21T10:00:00Z");

interface Scene {
  readonly instance: FakeInstance;
  readonly control: Control;
  readonly store: Store;
  readonly counted: string[];
  readonly ends: (runId: string, state: "success" | "failed", subjects?: number) => Promise<RunPlace>;
  /** Lets the archiver do what is due after so many milliseconds. */
  readonly pass: (ms: number) => Promise<void>;
}

const aScene = async (settings: Partial<LogSettings> = {}): Promise<Scene> => {
  const instance = new FakeInstance(id).add(aDag("orders"));
  const { control, store } = await aFleet([instance]);
  const clock = new ManualClock(START);
  const counted: string[] = [];
  const metrics: Metrics = { ...noMetrics, logArchived: (outcome) => void counted.push(outcome) };
  const archiver = createLogArchiver({
    store,
    live: control.live,
    settings: { archive: "failed", maxTryBytes: 100_000, maxTotalBytes: 1_000_000, ...settings },
    owner: "me",
    leaseMs: 30_000,
    clock,
    logger: silentLogger,
    metrics,
    random: () => 0,
  });
  onTestFinished(() => archiver.stop());
  archiver.start();
  const ends: Scene["ends"] = async (runId, state, subjects = 0) => {
    const at = "2026-11-21T09:00:00Z";
    const run: Run = aRun("orders", runId, { state, engineState: state, startedAt: at, endedAt: at });
    instance.addRun(run, [aTask(run, "load", { state, tryNumber: 2 }), aTask(run, "never", { tryNumber: 0 })]);
    await store.runs.observe({
      instance: id,
      observations: [{ kind: "read", source: "poll", at: START, run, dagId: run.dagId, runId: run.runId }],
      subjectsOf: () => Array.from({ length: subjects }, (_, index) => ({ type: "thing", id: String(index) })),
    });
    await store.events.sequence();
    return { instance: id, dagId: run.dagId, runId: run.runId };
  };
  return { instance, control, store, counted, ends, pass: (ms) => clock.advance(ms) };
};

const logOf = async ({ control }: Scene, place: RunPlace, more: object = {}) => {
  const opened = await control.logs.open({ ...place, taskId: toTaskId("load"), mapIndex: -1, ...more });
  const lines = (await Array.fromAsync(opened.lines)).map(({ text }) => text);
  return { source: opened.source, tryNumber: opened.tryNumber, lines };
};
const archivedTries = async ({ store }: Scene, place: RunPlace) =>
  (await store.logArchive.list(runKeyOf(place))).map(({ taskId, tryNumber }) => `${taskId} ${tryNumber}`);

/** Steps of two seconds, so that each sleep of the loop ends. */
const passUntil = (scene: Scene, claim: () => Promise<boolean> | boolean): Promise<void> =>
  eventually(async () => {
    await scene.pass(2_000);
    return claim();
  });

it("keeps every try of a run that failed, some seconds after its end, and serves it when the engine has it no more", async () => {
  const scene = await aScene();
  const place = await scene.ends("r1", "failed");
  await passUntil(scene, async () => (await archivedTries(scene, place)).length === 2);
  expect(await archivedTries(scene, place)).toEqual(["load 1", "load 2"]);
  expect(await logOf(scene, place)).toEqual({ source: "live", tryNumber: null, lines: ["try 2"] });
  scene.instance.runs.clear();
  scene.instance.tasks.clear();
  expect(await logOf(scene, place)).toEqual({ source: "archive", tryNumber: 2, lines: ["try 2"] });
  expect(await logOf(scene, place, { tryNumber: 1 })).toMatchObject({ source: "archive", lines: ["try 1"] });
  await expect(logOf(scene, place, { tryNumber: 3 })).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
});

it("serves the archive of an instance that cannot be asked, and says why when there is none", async () => {
  const scene = await aScene();
  const place = await scene.ends("r1", "failed");
  await passUntil(scene, async () => (await archivedTries(scene, place)).length === 2);
  scene.instance.fault = () => {
    throw unreachable(id);
  };
  expect(await logOf(scene, place)).toMatchObject({ source: "archive", lines: ["try 2"] });
  const other = { ...place, runId: aRun("orders", "other").runId };
  await expect(logOf(scene, other)).rejects.toMatchObject({ code: "INSTANCE_UNREACHABLE" });
});

it.each([
  ["none", []],
  ["failed", ["bad"]],
  ["subjects", ["bad", "about"]],
  ["all", ["good", "bad", "about"]],
] as const)("with archive: %s keeps the logs of %j", async (archive, expected) => {
  const scene = await aScene({ archive });
  const places = {
    good: await scene.ends("good", "success"),
    bad: await scene.ends("bad", "failed"),
    about: await scene.ends("about", "success", 1),
  };
  for (let step = 0; step < 8; step += 1) await scene.pass(2_000);
  await passUntil(scene, async () => (await scene.store.logArchive.size()).logs >= 2 * expected.length);
  for (let step = 0; step < 4; step += 1) await scene.pass(2_000);
  const kept = await Promise.all(
    Object.entries(places).map(async ([name, place]) => ((await archivedTries(scene, place)).length > 0 ? [name] : [])),
  );
  expect(kept.flat()).toEqual(expected);
});

it("comes back later for the runs of an instance that cannot be asked", async () => {
  const scene = await aScene();
  scene.instance.fault = (operation) => {
    if (operation === "listTaskInstances") throw unreachable(id);
  };
  const place = await scene.ends("r1", "failed");
  const second = await scene.ends("r2", "failed");
  await passUntil(scene, () => scene.counted.length === 2);
  expect(scene.counted).toEqual(["put_off", "put_off"]);
  // The second run of the same instance was not even tried.
  expect(scene.instance.count("listTaskInstances")).toBe(1);
  scene.instance.fault = undefined;
  const areKept = async (run: RunPlace): Promise<boolean> => (await archivedTries(scene, run)).length === 2;
  await passUntil(scene, async () => (await areKept(place)) && (await areKept(second)));
});

it("passes over tries without a log and runs that are gone", async () => {
  const scene = await aScene();
  scene.instance.fault = (operation) => {
    if (operation !== "readLog") return;
    throw new AirfleetError("LOG_UNAVAILABLE", {
      task_id: "",
      try_number: 1,
      dag_id: "",
      run_id: "",
      reason: "purged",
    });
  };
  const place = await scene.ends("r1", "failed");
  await passUntil(scene, () => scene.counted.length === 2);
  expect(scene.counted).toEqual(["absent", "absent"]);
  expect(await scene.store.logArchive.listDue(START * 2, 1)).toEqual([]);
  expect(await archivedTries(scene, place)).toEqual([]);
});

it("drops the oldest logs when all together take too much", async () => {
  const scene = await aScene({ maxTotalBytes: 110 });
  const first = await scene.ends("r1", "failed");
  await passUntil(scene, () => scene.counted.length === 2);
  const second = await scene.ends("r2", "failed");
  await passUntil(scene, () => scene.counted.length === 4);
  await eventually(async () => (await scene.store.logArchive.size()).bytes <= 110);
  expect(await archivedTries(scene, first)).toEqual([]);
  expect((await archivedTries(scene, second)).length).toBeGreaterThan(0);
});

it("reads the logs of a run again that was deleted and made anew under its id", async () => {
  const scene = await aScene();
  const place = await scene.ends("r1", "failed");
  await passUntil(scene, async () => (await archivedTries(scene, place)).length === 2);
  const reads = scene.instance.count("readLog");
  const later = new Date(Date.now() + 60_000).toISOString();
  const run: Run = aRun("orders", "r1", { state: "failed", engineState: "failed", startedAt: later, endedAt: later });
  scene.instance.addRun(run, [aTask(run, "load", { state: "failed", tryNumber: 2, startedAt: later })]);
  await scene.store.runs.observe({
    instance: id,
    observations: [{ kind: "read", source: "poll", at: START + 60_000, run, dagId: run.dagId, runId: run.runId }],
  });
  await scene.store.events.sequence();
  await passUntil(scene, () => scene.instance.count("readLog") === reads + 2);
  expect(await archivedTries(scene, place)).toEqual(["load 1", "load 2"]);
});

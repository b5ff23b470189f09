import { afterEach, expect, test } from "vitest";
import { createManualClock, createSimulator, generateFleet, type Simulator, startDemoFleet } from "@airfleet/simulator";
import { createApi } from "./api.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((thing) => thing[Symbol.asyncDispose]()));
});

const at = <Item>(items: readonly Item[], index: number): Item => {
  const item = items.at(index);
  if (item === undefined) throw new RangeError(`there is no item ${index}`);
  return item;
};

const simulate = (): Simulator => {
  const simulator = createSimulator({ clock: createManualClock() });
  open.push(simulator);
  return simulator;
};

test("generates the same fleet for the same seed, and another one for another", () => {
  const [first, again, other] = [1, 1, 2].map((seed) =>
    JSON.stringify(generateFleet({ instances: 3, dagsPerInstance: 50, seed })),
  );
  expect(first === again).toBe(true);
  expect(first === other).toBe(false);
});

test("generates DAGs of which each instance has its own share of paused, flaky and broken ones", async () => {
  const spec = at(generateFleet({ instances: 1, dagsPerInstance: 200 }), 0);
  const simulator = simulate();
  const instance = await simulator.addInstance(spec);
  const dags = [...instance.world.dags.values()];
  expect(dags).toHaveLength(200);
  const paused = dags.filter((dag) => dag.paused).length;
  expect(paused).toBeGreaterThan(20);
  expect(paused).toBeLessThan(70);
  expect(instance.world.importErrors.size).toBe(2);
  expect(new Set(instance.world.runs.map((run) => run.state))).toEqual(new Set(["success", "failed"]));
  const tags = new Set(dags.flatMap((dag) => dag.parsed.tags ?? []));
  expect([...tags].filter((tag) => tag.startsWith("tier"))).toHaveLength(3);
});

test("tells the same about a past run each time, and its failed run has a failed task", async () => {
  const simulator = simulate();
  const spec = at(generateFleet({ instances: 1, dagsPerInstance: 60, historyRuns: 8 }), 0);
  const instance = await simulator.addInstance(spec);
  const api = await createApi(instance);
  const failed = instance.world.runs.filter((run) => run.state === "failed");
  expect(failed.length).toBeGreaterThan(5);
  for (const run of failed.slice(0, 5)) {
    const path = `/dags/${run.dag.dagId}/dagRuns/${encodeURIComponent(run.runId)}/taskInstances`;
    const first = await api.get<{ task_instances: { state: string }[] }>(path);
    expect(await api.get(path)).toEqual(first);
    expect(first.task_instances.map((task) => task.state)).toContain("failed");
  }
});

test("starts a hundred instances in one process, each answering for itself", async () => {
  const simulator = simulate();
  for (const spec of generateFleet({ instances: 100, dagsPerInstance: 20, historyRuns: 1 }))
    await simulator.addInstance(spec);
  const versions = await Promise.all(
    simulator.instances.map(async (instance) => {
      const root = instance.generation === 2 ? "/api/v1" : "/api/v2";
      const reply = await fetch(`${instance.url}${root}/version`);
      return ((await reply.json()) as { version: string }).version;
    }),
  );
  expect(versions.filter((version) => version === "2.11.2")).toHaveLength(50);
  expect(versions.filter((version) => version === "3.3.2")).toHaveLength(50);
  expect(new Set(simulator.instances.map((instance) => instance.port)).size).toBe(100);
});

test("runs a demo with both generations, history, failures, broken files and something going on", async () => {
  const clock = createManualClock("2026-11-20T12:00:00Z");
  const fleet = await startDemoFleet({ clock });
  open.push(fleet);
  expect(fleet.members.map(({ instance }) => instance.generation).sort((a, b) => a - b)).toEqual([2, 2, 3, 3]);
  clock.advance(400);
  for (const { instance } of fleet.members) {
    const states = new Set(instance.world.runs.map((run) => run.state));
    expect(states).toContain("failed");
    expect(instance.world.importErrors.size).toBeGreaterThan(0);
    const live = instance.world.dags.get("images_ingest_live");
    expect(
      [...(live?.runs.values() ?? [])].some((run) => run.startAt !== null && run.startAt > clock.now() - 400e6),
    ).toBe(true);
  }
  const third = at(fleet.members, 2);
  await third.instance.down();
  await expect(fetch(`${third.instance.url}/api/v2/version`)).rejects.toThrow("fetch failed");
});

test("refuses a DAG with a cycle, an edge to nowhere and a bad schedule, and says which", async () => {
  const simulator = simulate();
  const add = (id: string, dag: object) =>
    simulator.addInstance({ id, generation: 3, dags: [{ dagId: "x", tasks: [{ taskId: "a" }], ...dag }] });
  await expect(
    add("1", {
      tasks: [
        { taskId: "a", downstream: ["b"] },
        { taskId: "b", downstream: ["a"] },
      ],
    }),
  ).rejects.toThrow("DAG x has a cycle among a, b.");
  await expect(add("2", { tasks: [{ taskId: "a", downstream: ["z"] }] })).rejects.toThrow(
    "DAG x has an edge from a to z",
  );
  await expect(add("3", { schedule: "every now and then" })).rejects.toThrow(
    'the schedule "every now and then" is no cron text',
  );
  await add("4", {});
  await expect(add("4", {})).rejects.toThrow("instance 4 is there already");
});

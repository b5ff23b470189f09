import { afterEach, describe, expect, test } from "vitest";
import {
  createManualClock,
  createSimulator,
  type DagSpec,
  type Generation,
  type ManualClock,
  type SimulatedInstance,
  type Simulator,
} from "@airfleet/simulator";
import { createApi } from "./api.ts";

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

interface Scene {
  readonly clock: ManualClock;
  readonly instance: SimulatedInstance;
  readonly trigger: (dagId: string, runId: string, more?: object) => Promise<void>;
  readonly patchRun: (dagId: string, runId: string, state: string) => Promise<void>;
  readonly pause: (dagId: string, paused: boolean) => Promise<void>;
  readonly runState: (dagId: string, runId: string) => string | undefined;
  readonly taskStates: (dagId: string, runId: string) => Record<string, string | null>;
}

const scene = async (generation: Generation, dags: readonly DagSpec[], more: object = {}): Promise<Scene> => {
  const clock = createManualClock("2026-11-20T12:00:30Z");
  const simulator = createSimulator({ clock });
  open.push(simulator);
  const instance = await simulator.addInstance({ id: "one", generation, dags, ...more });
  const api = await createApi(instance);
  const runOf = (dagId: string, runId: string) => instance.world.dags.get(dagId)?.runs.get(runId);
  return {
    clock,
    instance,
    trigger: (dagId, runId, body = {}) => api.trigger(dagId, runId, body),
    patchRun: async (dagId, runId, state) => {
      expect((await api.send("PATCH", `/dags/${dagId}/dagRuns/${runId}`, { state })).status).toBe(200);
    },
    pause: async (dagId, paused) => {
      expect((await api.send("PATCH", `/dags/${dagId}`, { is_paused: paused })).status).toBe(200);
    },
    runState: (dagId, runId) => runOf(dagId, runId)?.state,
    taskStates: (dagId, runId) =>
      Object.fromEntries(
        (runOf(dagId, runId)?.tasks ?? []).map((task) => [
          task.mapIndex < 0 ? task.task.taskId : `${task.task.taskId}[${task.mapIndex}]`,
          task.state,
        ]),
      ),
  };
};

const chain: DagSpec = {
  dagId: "chain",
  tasks: [
    { taskId: "a", downstream: ["b", "c"], durationSeconds: 100 },
    { taskId: "b", downstream: ["d"] },
    { taskId: "c", triggerRule: "all_done" },
    { taskId: "d" },
  ],
};

describe.each([2, 3] as const)("the scheduler of Airflow %i", (generation) => {
  test("runs a triggered DAG in order of its edges, and the run ends with its last task", async () => {
    const { clock, trigger, runState, taskStates } = await scene(generation, [chain]);
    await trigger("chain", "r");
    expect(runState("chain", "r")).toBe("queued");
    clock.advance(5);
    expect(taskStates("chain", "r")).toEqual({ a: "running", b: null, c: null, d: null });
    clock.advance(110);
    expect(taskStates("chain", "r")).toEqual({ a: "success", b: "success", c: "success", d: "success" });
    expect(runState("chain", "r")).toBe("success");
  });

  test("passes a failure on as upstream_failed, but all_done tasks run, and the leaves decide the run", async () => {
    const failing = {
      ...chain,
      tasks: chain.tasks.map((task) => (task.taskId === "a" ? { ...task, failTries: 1 } : task)),
    };
    const { clock, trigger, runState, taskStates } = await scene(generation, [failing]);
    await trigger("chain", "r");
    clock.advance(200);
    expect(taskStates("chain", "r")).toEqual({ a: "failed", b: "upstream_failed", c: "success", d: "upstream_failed" });
    expect(runState("chain", "r")).toBe("failed");
  });

  test("tries again after the retry delay and keeps each try", async () => {
    const dag: DagSpec = { dagId: "x", tasks: [{ taskId: "a", failTries: 1, retries: 2, retryDelaySeconds: 60 }] };
    const { clock, instance, trigger, runState, taskStates } = await scene(generation, [dag]);
    await trigger("x", "r");
    clock.advance(30);
    expect(taskStates("x", "r")).toEqual({ a: "up_for_retry" });
    clock.advance(60);
    expect(runState("x", "r")).toBe("success");
    const task = instance.world.dags.get("x")?.runs.get("r")?.tasks?.[0];
    expect(task?.history.map((attempt) => [attempt.tryNumber, attempt.state])).toEqual([[1, "failed"]]);
    expect(task?.tryNumber).toBe(2);
  });

  test("skips what depends on a skipped task", async () => {
    const dag: DagSpec = { dagId: "x", tasks: [{ taskId: "a", skips: true, downstream: ["b"] }, { taskId: "b" }] };
    const { clock, trigger, runState, taskStates } = await scene(generation, [dag]);
    await trigger("x", "r");
    clock.advance(10);
    expect(taskStates("x", "r")).toEqual({ a: "skipped", b: "skipped" });
    expect(runState("x", "r")).toBe("success");
  });

  test("runs every instance of a mapped task before what comes behind it", async () => {
    const dag: DagSpec = { dagId: "x", tasks: [{ taskId: "m", mapped: 3, downstream: ["z"] }, { taskId: "z" }] };
    const { clock, trigger, taskStates } = await scene(generation, [dag]);
    await trigger("x", "r");
    clock.advance(20);
    expect(taskStates("x", "r")).toEqual({ "m[0]": "success", "m[1]": "success", "m[2]": "success", z: "success" });
  });

  test("keeps a run of a paused DAG queued, and starts it when the DAG is unpaused", async () => {
    const { clock, trigger, runState, pause } = await scene(generation, [
      { dagId: "x", paused: true, tasks: [{ taskId: "a" }] },
    ]);
    await trigger("x", "r");
    clock.advance(3600);
    expect(runState("x", "r")).toBe("queued");
    await pause("x", false);
    clock.advance(10);
    expect(runState("x", "r")).toBe("success");
  });

  test("lets running tasks go on when the DAG is paused, and starts no further ones", async () => {
    const { clock, trigger, runState, taskStates, pause } = await scene(generation, [chain]);
    await trigger("chain", "r");
    clock.advance(5);
    await pause("chain", true);
    clock.advance(500);
    expect(taskStates("chain", "r")).toEqual({ a: "success", b: null, c: null, d: null });
    expect(runState("chain", "r")).toBe("running");
    await pause("chain", false);
    clock.advance(20);
    expect(runState("chain", "r")).toBe("success");
  });

  test("never runs more at a time than a pool has slots", async () => {
    const dag: DagSpec = { dagId: "x", tasks: [{ taskId: "m", mapped: 5, pool: "small", durationSeconds: 10 }] };
    const { clock, instance, trigger, runState } = await scene(generation, [dag], { pools: { small: 2 } });
    await trigger("x", "r");
    let most = 0;
    for (let second = 0; second < 60; second++) {
      clock.advance(1);
      const tasks = instance.world.dags.get("x")?.runs.get("r")?.tasks ?? [];
      most = Math.max(most, tasks.filter((task) => task.state === "running" || task.state === "queued").length);
    }
    expect(most).toBe(2);
    expect(runState("x", "r")).toBe("success");
  });

  test("runs no more runs of a DAG at a time than max_active_runs", async () => {
    const dag: DagSpec = { dagId: "x", maxActiveRuns: 1, tasks: [{ taskId: "a", durationSeconds: 10 }] };
    const { clock, trigger, runState } = await scene(generation, [dag]);
    await trigger("x", "one");
    await trigger("x", "two");
    clock.advance(5);
    expect([runState("x", "one"), runState("x", "two")]).toEqual(["running", "queued"]);
    clock.advance(12);
    expect([runState("x", "one"), runState("x", "two")]).toEqual(["success", "running"]);
  });

  test("starts a cron DAG at its ticks, named as this generation names runs", async () => {
    const dag: DagSpec = { dagId: "x", schedule: "*/5 * * * *", paused: true, tasks: [{ taskId: "a" }] };
    const { clock, instance, pause } = await scene(generation, [dag]);
    await pause("x", false);
    clock.advance(600);
    const runs = [...(instance.world.dags.get("x")?.runs.keys() ?? [])];
    // Without catchup the latest tick starts at once. Airflow 2 names a run by the start of its interval.
    expect(runs).toEqual(
      generation === 2
        ? [
            "scheduled__2026-11-20T11:55:00+00:00",
            "scheduled__2026-11-20T12:00:00+00:00",
            "scheduled__2026-11-20T12:05:00+00:00",
          ]
        : [
            "scheduled__2026-11-20T12:00:00+00:00",
            "scheduled__2026-11-20T12:05:00+00:00",
            "scheduled__2026-11-20T12:10:00+00:00",
          ],
    );
  });

  test("makes up for every missed tick with catchup, oldest first", async () => {
    const dag: DagSpec = {
      dagId: "x",
      schedule: "@hourly",
      catchup: true,
      startDate: "2026-11-20T08:00:00Z",
      tasks: [{ taskId: "a" }],
    };
    const { clock, instance } = await scene(generation, [dag]);
    clock.advance(30);
    expect(instance.world.dags.get("x")?.runs.size).toBe(generation === 2 ? 4 : 5);
  });

  test("runs an interval schedule at its interval", async () => {
    const dag: DagSpec = {
      dagId: "x",
      schedule: { everySeconds: 60 },
      startDate: "2026-11-20T12:00:00Z",
      tasks: [{ taskId: "a" }],
    };
    const { clock, instance } = await scene(generation, [dag]);
    clock.advance(300);
    expect(instance.world.dags.get("x")?.runs.size).toBe(generation === 2 ? 5 : 6);
  });

  test("fails what runs, skips what waits and tries nothing again when a run is marked failed", async () => {
    const dag = { ...chain, tasks: chain.tasks.map((task) => ({ ...task, retries: 2 })) };
    const { clock, trigger, patchRun, runState, taskStates } = await scene(generation, [dag]);
    await trigger("chain", "r");
    clock.advance(5);
    await patchRun("chain", "r", "failed");
    expect(runState("chain", "r")).toBe("failed");
    expect(taskStates("chain", "r")).toEqual({ a: "failed", b: "skipped", c: "skipped", d: "skipped" });
    clock.advance(2000);
    expect(taskStates("chain", "r")).toEqual({ a: "failed", b: "skipped", c: "skipped", d: "skipped" });
  });

  test("marks what did not start as its generation does when a run is marked successful", async () => {
    const { clock, trigger, patchRun, taskStates } = await scene(generation, [chain]);
    await trigger("chain", "r");
    clock.advance(5);
    await patchRun("chain", "r", "success");
    const waiting = generation === 2 ? "success" : "skipped";
    expect(taskStates("chain", "r")).toEqual({ a: "success", b: waiting, c: waiting, d: waiting });
  });

  test("drops the oldest finished runs beyond the kept number", async () => {
    const dag: DagSpec = { dagId: "x", tasks: [{ taskId: "a" }] };
    const { clock, instance, trigger } = await scene(generation, [dag], { keepRunsPerDag: 3 });
    for (const runId of ["a", "b", "c", "d", "e"]) {
      await trigger("x", runId);
      clock.advance(10);
    }
    expect([...(instance.world.dags.get("x")?.runs.keys() ?? [])]).toEqual(["c", "d", "e"]);
    expect(instance.world.runs.map((run) => run.runId)).toEqual(["c", "d", "e"]);
  });
});

test("moves the end of a stopped run on Airflow 2 when the process is gone, and not on Airflow 3", async () => {
  for (const generation of [2, 3] as const) {
    const { clock, instance, trigger, patchRun } = await scene(generation, [chain]);
    await trigger("chain", "r");
    clock.advance(5);
    await patchRun("chain", "r", "failed");
    const run = instance.world.dags.get("chain")?.runs.get("r");
    const marked = run?.endAt ?? 0;
    clock.advance(10);
    expect(((run?.endAt ?? 0) - marked) / 1e6).toBeCloseTo(generation === 2 ? 5.6 : 0, 1);
  }
});

test("starts the consumers of an asset when a task updates it", async () => {
  const dags: DagSpec[] = [
    { dagId: "producer", tasks: [{ taskId: "a", outlets: ["s3://x"] }] },
    { dagId: "consumer", schedule: { assets: ["s3://x"] }, tasks: [{ taskId: "a" }] },
  ];
  const { clock, instance, trigger } = await scene(3, dags);
  await trigger("producer", "r");
  clock.advance(20);
  const [run] = instance.world.dags.get("consumer")?.runs.values() ?? [];
  expect(run?.state).toBe("success");
  expect(run?.runId).toMatch(/^asset_triggered__2026-11-20T12:00:.*\+00:00_\w{8}$/);
});

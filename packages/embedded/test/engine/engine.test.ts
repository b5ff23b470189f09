import { readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "@airfleet/engine";
import { isTerminalRunState, type Plan, type Run, toDagId, toRunId } from "@airfleet/model";
import { describe, expect, onTestFinished, test } from "vitest";
import type { EmbeddedEngineOptions } from "../../src/index.ts";
import { lightRunner } from "./light-runner.ts";
import { deploy, openEngine, temporaryDirectory } from "./open-engine.ts";
import { command, EMPTY, planOf, shell } from "./plan-of.ts";

const TIMEOUT = { timeout: 60_000 };

const started = async (options: Partial<EmbeddedEngineOptions> = {}) => {
  const directory = await temporaryDirectory();
  const open = (more: Partial<EmbeddedEngineOptions> = {}): Engine =>
    openEngine(directory.path, { openRunner: lightRunner, ...options, ...more });
  const engine = open();
  onTestFinished(async () => {
    await engine.close();
    await directory[Symbol.asyncDispose]();
  });
  return { engine, open, directory: directory.path };
};

const until = async <Value>(read: () => Promise<Value>, accepts: (value: Value) => boolean): Promise<Value> => {
  for (const end = Date.now() + 40_000; ; ) {
    const value = await read();
    if (accepts(value)) return value;
    if (Date.now() > end) throw new Error(`not in time: ${JSON.stringify(value)}`);
    await delay(10);
  }
};

const ended = (engine: Engine, run: Pick<Run, "dagId" | "runId">): Promise<Run> =>
  until(
    () => engine.getRun(run),
    ({ state }) => isTerminalRunState(state),
  );

const begin = async (engine: Engine, plan: Plan, runId = "one", conf: object = {}): Promise<Run> => {
  await deploy(engine, plan);
  const request = { dagId: toDagId(plan.dagId), runId: toRunId(runId), conf: conf as Record<string, unknown> };
  return (await engine.trigger(request)).run;
};

const statesOf = async (engine: Engine, run: Run) =>
  Object.fromEntries(
    (await engine.listTaskInstances({ runs: [run] })).map(({ taskId, state, tryNumber }) => [
      taskId,
      `${state} ${tryNumber}`,
    ]),
  );

describe("a step that fails", () => {
  test("is tried again after each delay, as often as it may, each delay longer by its factor", TIMEOUT, async () => {
    const { engine } = await started();
    const retry = { count: 2, delay_seconds: 0.2, multiplier: 3, max_delay_seconds: 10 };
    const run = await begin(engine, planOf("retries", [{ id: "a", body: command("false"), retry }]));
    expect((await ended(engine, run)).state).toBe("failed");
    const tries = await engine.listTries({ ...run, taskId: "a" as never, mapIndex: -1 });
    expect(tries.map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
    const [first = 0, second = 0] = tries
      .slice(1)
      .map(({ startedAt }, index) => Date.parse(startedAt ?? "") - Date.parse(tries[index]?.endedAt ?? ""));
    expect(first).toBeGreaterThanOrEqual(195);
    expect(second).toBeGreaterThanOrEqual(595);
  });

  test("that takes too long is ended, and its processes with it", TIMEOUT, async () => {
    const { engine } = await started();
    const run = await begin(engine, planOf("late", [{ id: "a", body: command("sleep", "600"), timeoutSeconds: 0.3 }]));
    expect((await ended(engine, run)).state).toBe("failed");
    const texts: string[] = [];
    for await (const { text } of engine.readLog({ ...run, taskId: "a" as never, mapIndex: -1, tryNumber: 1 }))
      texts.push(text);
    expect(texts.join("\n")).toContain("it took longer than 0.3 s");
  });

  test("in a pool that nobody defined says so", TIMEOUT, async () => {
    const { engine } = await started();
    const run = await begin(engine, planOf("pool", [{ id: "a", body: EMPTY, pool: "tenant_x" }]));
    await ended(engine, run);
    const texts: string[] = [];
    for await (const { text } of engine.readLog({ ...run, taskId: "a" as never, mapIndex: -1, tryNumber: 1 }))
      texts.push(text);
    expect(texts.join("\n")).toContain('there is no pool "tenant_x". Give it slots in embedded.pools.');
  });
});

describe("limits", () => {
  test("a pool lets so many through at a time and holds up nobody else", TIMEOUT, async () => {
    const { engine } = await started({ limits: { concurrency: 8, pools: { tenant: 2 } } });
    const steps = Array.from({ length: 6 }, (_, index) => ({
      id: `p${index}`,
      pool: "tenant",
      body: command("sleep", "0.3"),
    }));
    const run = await begin(engine, planOf("tenants", [...steps, { id: "free", body: command("true") }]));
    let most = 0;
    await until(
      async () => {
        const tasks = await engine.listTaskInstances({ runs: [run] });
        const inPool = tasks.filter(({ pool, state }) => pool === "tenant" && state === "running").length;
        most = Math.max(most, inPool);
        return tasks;
      },
      (tasks) => tasks.every(({ state }) => state === "success"),
    );
    expect(most).toBe(2);
    const tasks = await engine.listTaskInstances({ runs: [run] });
    const endOf = (id: string) => Date.parse(tasks.find(({ taskId }) => taskId === id)?.endedAt ?? "");
    expect(endOf("free")).toBeLessThan(endOf("p5"));
  });

  test("runs of a DAG beyond its limit wait, oldest first", TIMEOUT, async () => {
    const { engine } = await started();
    const plan = planOf("one_at_a_time", [{ id: "a", body: command("sleep", "0.2") }], { maxActiveRuns: 1 });
    const runs = [await begin(engine, plan, "r1"), await begin(engine, plan, "r2"), await begin(engine, plan, "r3")];
    const done = [];
    for (const run of runs) done.push(await ended(engine, run));
    for (const [index, run] of done.slice(1).entries()) {
      expect(Date.parse(run.startedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(done[index]?.endedAt ?? ""));
    }
  });
});

describe("several processes with one file", () => {
  test("another takes over what one that was closed left, and carries it to its end", TIMEOUT, async () => {
    const { engine, open } = await started();
    const plan = planOf("moved", [
      { id: "a", body: shell("sleep 0.3") },
      { id: "b", after: ["a"], body: command("true") },
    ]);
    const other = open();
    onTestFinished(() => other.close());
    const run = await begin(engine, plan);
    await engine.close();
    expect((await ended(other, run)).state).toBe("success");
    expect(await statesOf(other, run)).toEqual({ a: "success 1", b: "success 1" });
  });

  test("one that only asks triggers and stops what another runs", TIMEOUT, async () => {
    const { engine, open } = await started();
    const asking = open();
    onTestFinished(() => asking.close());
    const run = await begin(asking, planOf("asked", [{ id: "a", body: command("sleep", "600") }]));
    const task = { ...run, taskId: "a" as never, mapIndex: -1 };
    await until(
      () => asking.getTaskInstance(task),
      ({ state }) => state === "running",
    );
    await asking.setRunState({ ...run, state: "failed" });
    const trace = () =>
      asking.traceProcess?.({ ...task, tryNumber: 1, pid: null }) ?? Promise.reject(new Error("none"));
    expect((await until(trace, ({ kind }) => kind === "ended")).kind).toBe("ended");
    expect((await engine.getTaskInstance(task)).state).toBe("failed");
  });
});

const every = (dagId: string, catchup: boolean): Plan =>
  planOf(dagId, [{ id: "a", body: EMPTY }], {
    maxActiveRuns: 1,
    schedule: { cron: "0 * * * *", timeZone: "UTC", startDate: "2026-03-10T00:00:00Z", endDate: null, catchup },
  });

const idsOf = async (of: Engine, dagId: string): Promise<readonly string[]> =>
  (await of.listRuns({ dagId: toDagId(dagId) })).items.map(({ runId }) => runId).toReversed();

describe("schedules", () => {
  test("each interval gets one run, named after it, across restarts", TIMEOUT, async () => {
    let time = Date.parse("2026-03-10T05:30:00Z");
    const now = () => (time += 1);
    const { engine, open } = await started({ now });
    await deploy(engine, every("caught_up", true));
    const wanted = [0, 1, 2, 3, 4].map((hour) => `scheduled__2026-03-10T0${hour}:00:00+00:00`);
    await until(
      async () => {
        time += 1_000;
        return idsOf(engine, "caught_up");
      },
      (runs) => runs.length === 5,
    );
    expect(await idsOf(engine, "caught_up")).toEqual(wanted);
    await engine.close();
    time = Date.parse("2026-03-10T06:00:01Z");
    const again = open();
    onTestFinished(() => again.close());
    await until(
      () => idsOf(again, "caught_up"),
      (runs) => runs.length === 6,
    );
    const [newest] = (await again.listRuns({ dagId: toDagId("caught_up") })).items;
    expect(newest).toMatchObject({
      type: "scheduled",
      logicalDate: "2026-03-10T05:00:00.000Z",
      intervalStart: "2026-03-10T05:00:00.000Z",
      intervalEnd: "2026-03-10T06:00:00.000Z",
    });
  });
});

test("rows and logs of ended runs go after their time, the record last", TIMEOUT, async () => {
  let time = Date.now();
  const now = () => (time += 1);
  const { engine, directory } = await started({ now, limits: { keepHours: 1, keepRunsHours: 2 } });
  const run = await begin(engine, planOf("kept", [{ id: "a", body: command("echo", "hello") }]));
  await ended(engine, run);
  expect(readdirSync(path.join(directory, "logs"))).toHaveLength(1);
  time += 3 * 3_600_000;
  await until(
    async () => {
      time += 4_000;
      return (await engine.listRuns({ dagId: run.dagId })).items.length;
    },
    (count) => count === 0,
  );
  expect(readdirSync(path.join(directory, "logs"))).toEqual([]);
});

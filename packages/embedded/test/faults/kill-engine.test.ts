import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "node:sqlite";
import type { Engine } from "@airfleet/engine";
import { isTerminalRunState, type RunAddress, toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { expect, test } from "vitest";
import { createEmbeddedEngine } from "../../src/index.ts";
import { deploy, temporaryDirectory } from "../engine/open-engine.ts";
import { planOf, rows, shell } from "../engine/plan-of.ts";
import { openOwnDatabase } from "../support/databases.ts";

const KILLS = 22;
const RUNS = 12;
const ROWS = 500;
const PROCESS = fileURLToPath(new URL("./engine-process.ts", import.meta.url));

const start = (directory: string, connection: object): ChildProcess =>
  spawn(process.execPath, ["--conditions=@airfleet/source", PROCESS, directory, JSON.stringify(connection)], {
    stdio: ["ignore", "pipe", "inherit"],
  });

/** Processes that carry the mark of this engine's file. */
const marked = (id: string): readonly string[] =>
  readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`AIRFLEET_ENGINE=${id}:`);
    } catch {
      return false;
    }
  });

/** Rows, then rows of those, into a table by their key, and a line into a file by a command. */
const plan = (directory: string) =>
  planOf(
    "orders",
    [
      { id: "make", body: rows(`select ($p_run * ${ROWS} + n)::bigint as id, n as amount from range(${ROWS}) t(n)`) },
      { id: "sums", after: ["make"], body: rows("select id, amount * 2 as amount from make") },
      {
        id: "load",
        type: "loader",
        after: ["sums"],
        retry: { count: 20, delay_seconds: 0.2, multiplier: 1, max_delay_seconds: 1 },
        body: {
          kind: "write",
          connector: "postgres",
          mode: "upsert",
          keys: ["id"],
          options: { table: "orders", create_table: false, timeout: 60 },
          connection: "warehouse",
        },
      },
      {
        id: "tell",
        after: ["load"],
        body: shell(`sleep 0.2; touch ${directory}/told-"$AIRFLEET_RUN_ID"`),
        retry: { count: 40, delay_seconds: 0.1, multiplier: 1, max_delay_seconds: 1 },
      },
    ],
    { params: { run: 0 }, maxActiveRuns: 3 },
  );

/** What the tasks that failed wrote last. */
const whyFailed = async (engine: Engine, runs: readonly RunAddress[]): Promise<readonly string[]> => {
  const failed = (await engine.listTaskInstances({ runs })).filter(({ state }) => state === "failed");
  return Promise.all(
    failed.map(async (task) => {
      const lines: string[] = [];
      for await (const { text } of engine.readLog(task)) lines.push(text);
      return `${task.taskId} try ${task.tryNumber} of ${task.maxTries}: ${lines.slice(-3).join(" / ")}`;
    }),
  );
};

test(`after ${KILLS} kills at any instant each run has ended once, and its rows are there once`, {
  timeout: 600_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using warehouse = await openOwnDatabase();
  await warehouse.rows("create table orders (id bigint primary key, amount bigint)");
  const { steps, ...rest } = plan(directory.path);
  const bound = steps.map((step) =>
    step.id === "make" && step.body.kind === "sql"
      ? {
          ...step,
          body: { ...step.body, outputs: { out: { parts: step.body.outputs["out"]?.parts ?? [], params: ["run"] } } },
        }
      : step,
  );
  // Reads and asks only: the work is the other process's.
  const engine = createEmbeddedEngine({ instance: toInstanceId("local"), directory: directory.path, version: "0.1.0" });
  await deploy(engine, { ...rest, steps: bound });
  const asked = Array.from({ length: RUNS }, (_unused, run) => ({
    dagId: toDagId("orders"),
    runId: toRunId(`run_${run}`),
  }));
  for (const [run, address] of asked.entries()) await engine.trigger({ ...address, conf: { params: { run } } });

  const ended = async (): Promise<number> => {
    const states = await Promise.all(asked.map((address) => engine.getRun(address)));
    return states.filter(({ state }) => isTerminalRunState(state)).length;
  };
  let kills = 0;
  let atWork = 0;
  while (kills < KILLS) {
    // What has ended already is asked for again, so that each kill meets work.
    if ((await ended()) === RUNS)
      for (const address of asked) await engine.clear({ ...address, onlyFailed: false, dryRun: false });
    const server = start(directory.path, warehouse.connection);
    const exited = once(server, "exit");
    await once(server.stdout as NodeJS.ReadableStream, "data");
    await delay(Math.random() * 2_000);
    const busy = await engine.listTaskInstances({ runs: asked });
    if (busy.some(({ state }) => state === "running")) atWork += 1;
    server.kill("SIGKILL");
    await exited;
    kills += 1;
  }
  expect(atWork).toBeGreaterThan(KILLS / 2);

  const last = start(directory.path, warehouse.connection);
  try {
    const end = Date.now() + 240_000;
    while ((await ended()) < RUNS && Date.now() < end) await delay(200);
    expect(await whyFailed(engine, asked)).toEqual([]);
    for (const address of asked) expect(await engine.getRun(address)).toMatchObject({ state: "success" });
    expect((await engine.listRuns({ dagId: toDagId("orders") })).total).toBe(RUNS);
    expect(await warehouse.rows("select count(*), count(distinct id), sum(amount) from orders")).toEqual([
      [String(RUNS * ROWS), String(RUNS * ROWS), String(RUNS * ROWS * (ROWS - 1))],
    ]);
    expect(readdirSync(directory.path).filter((name) => name.startsWith("told-"))).toHaveLength(RUNS);
    const file = new DatabaseSync(path.join(directory.path, "engine.db"), { readOnly: true });
    const id = String(file.prepare("select id from engine").get()?.["id"]);
    const open = file.prepare("select count(*) n from tries where gone_at is null").get()?.["n"];
    file.close();
    expect(open).toBe(0);
    last.kill("SIGKILL");
    await once(last, "exit");
    const patience = Date.now() + 20_000;
    while (marked(id).length > 0 && Date.now() < patience) await delay(50);
    expect(marked(id)).toEqual([]);
  } finally {
    last.kill("SIGKILL");
    await engine.close();
  }
});

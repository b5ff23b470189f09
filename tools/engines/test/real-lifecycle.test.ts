import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { startAirflow } from "../src/index.ts";
import { cacheLayout } from "../src/cache/layout.ts";
import { databasePrefix } from "../src/airflow/template-database.ts";
import { ensurePostgres } from "../src/postgres/ensure-postgres.ts";
import { listDatabases } from "../src/postgres/databases.ts";
import { isAlive } from "../src/process/identity.ts";
import { findMarkedProcesses } from "../src/process/marked-processes.ts";
import { type InstanceState, listInstanceIds, readInstanceState } from "../src/state/instance-state.ts";
import { eventually } from "./eventually.ts";
import { temporaryLayout } from "./temporary-layout.ts";

const MAIN = path.resolve(import.meta.dirname, "../src/main.ts");

/** Runs the tool and collects what it prints. */
const tool = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
  const exit = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (code, signal) => resolve(signal ?? code ?? -1));
  });
  return { pid: child.pid!, kill: (signal: NodeJS.Signals) => child.kill(signal), exit, printed: () => printed };
};

const layout = cacheLayout();

const findOwned = async (ownerPid: number): Promise<InstanceState | undefined> => {
  const states = await Promise.all((await listInstanceIds(layout)).map((id) => readInstanceState(layout, id)));
  return states.find((state) => state?.owner?.pid === ownerPid);
};

const expectNothingLeft = async (state: InstanceState): Promise<void> => {
  expect(await findMarkedProcesses(state.token)).toEqual([]);
  expect(await listDatabases(state.maintenanceUrl, state.databaseName)).toEqual([]);
  expect(await listInstanceIds(layout)).not.toContain(state.id);
};

describe("an engine in the foreground", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("is removed, also while it starts, when %s comes", async (signal) => {
    const up = tool(["up", "--airflow3", "1"]);
    let state: InstanceState | undefined;
    await eventually("its processes run", async () => {
      state = await findOwned(up.pid);
      return state?.components.every((component) => component.process !== null) ?? false;
    });
    up.kill(signal);
    expect(await up.exit).toBe(0);
    await expectNothingLeft(state!);
  });

  it("is removed by clean when its owner was killed", async () => {
    const up = tool(["up", "--airflow3", "1", "--json"]);
    await eventually("it is ready", async () => /is ready after/.test(up.printed()), 120_000);
    const state = await findOwned(up.pid);
    up.kill("SIGKILL");
    await up.exit;
    expect(await findMarkedProcesses(state!.token)).not.toEqual([]);
    const clean = tool(["clean"]);
    expect(await clean.exit).toBe(0);
    expect(clean.printed()).toContain(`removing what is left of ${state!.id}`);
    await expectNothingLeft(state!);
  });
});

it("says which component died while starting, with the end of its log, and removes the rest", async () => {
  const starting = startAirflow({ generation: 3, id: "doomed" });
  // Awaited below; meanwhile its failure is expected.
  starting.catch(() => undefined);
  let state: InstanceState | undefined;
  await eventually("the triggerer runs", async () => {
    state = await readInstanceState(layout, "doomed");
    return state?.components.every((component) => component.process !== null) ?? false;
  });
  const triggerer = state!.components.find((component) => component.name === "triggerer")!.process!;
  expect(await isAlive(triggerer)).toBe(true);
  process.kill(triggerer.pid, "SIGKILL");
  const error = await starting.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "ENGINE_DIED", details: { component: "triggerer", exit: "SIGKILL" } });
  await expectNothingLeft(state!);
  expect(await readdir(path.join(layout.failed, "doomed", "logs"))).toContain("triggerer.log");
});

describe("installing", () => {
  it("is done again after it was killed, and by one of two processes that want it at the same time", async () => {
    await using cache = await temporaryLayout();
    const environment = { AIRFLEET_ENGINES_CACHE: cache.root };
    const killed = tool(["install", "postgres"], environment);
    await eventually("uv is being installed", async () => killed.printed().includes("installing uv"), 30_000);
    killed.kill("SIGKILL");
    await killed.exit;

    const pair = [tool(["install", "postgres"], environment), tool(["install", "postgres"], environment)];
    expect(await Promise.all(pair.map(({ exit }) => exit))).toEqual([0, 0]);
    const printed = pair.map((each) => each.printed()).join("");
    expect(printed.match(/installed postgres in/g)).toHaveLength(1);
    expect(printed).toMatch(/waiting for process \d+, which installs postgres/);
    expect(await readFile(path.join(cache.environments, "postgres", ".installed"), "utf8")).toMatch(/^[0-9a-f]{12}\n$/);
  });
});

it("keeps no database but the prepared ones once everything is stopped", async () => {
  await using postgres = await ensurePostgres();
  const used = await Promise.all((await listInstanceIds(layout)).map((id) => readInstanceState(layout, id)));
  const left = (await listDatabases(postgres.url, databasePrefix(layout))).filter(
    (name) => !used.some((state) => state?.databaseName === name),
  );
  expect(left.filter((name) => !name.includes("_template_"))).toEqual([]);
});

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createSimulator, type Simulator } from "@airfleet/simulator";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CLI_ARGS, cleanEnvironment, type CliResult, runCli, temporaryDirectory } from "../support/run-cli.ts";
import { type Served, serve } from "../support/serve.ts";

const GUIDE = readFileSync(path.resolve(import.meta.dirname, "../../../../docs/guides/runs.md"), "utf8");
const COMMANDS = [...GUIDE.matchAll(/^\$ (.+)$/gm)].flatMap(([, command]) => (command === undefined ? [] : [command]));

let simulator: Simulator;
let server: Served;
const directory = temporaryDirectory();

const DAG = {
  dagId: "orders_daily",
  tags: ["tier1"],
  tasks: [
    { taskId: "extract", downstream: ["load"] },
    {
      taskId: "load",
      durationSeconds: 5,
      fails: ({ conf }: { conf: Record<string, unknown> }) => conf["broken"] === true,
    },
  ],
};

beforeAll(async () => {
  simulator = createSimulator({ timeScale: 20 });
  const two = await simulator.addInstance({ id: "two", generation: 2, dags: [DAG] });
  const three = await simulator.addInstance({ id: "three", generation: 3, dags: [DAG] });
  const instances = [
    { id: "eu-1", url: two.url, auth: { type: "basic", ...two.credentials } },
    { id: "eu-2", url: three.url, auth: { type: "basic", ...three.credentials } },
  ];
  writeFileSync(path.join(directory.path, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  server = await serve(directory.path);
  for (const instance of ["eu-1", "eu-2"]) {
    await start(instance, "nightly-1", { collection_id: 42, broken: true });
    await start(instance, "nightly-2", { collection_id: 42 });
  }
  await start("eu-2", "nightly-3", { collection_id: 42, broken: true });
  const runs = await ended(5);
  for (const { id } of runs) await addSubject(id);
}, 90_000);
afterAll(async () => {
  await server.stop();
  await simulator[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const start = async (instance: string, dag_run_id: string, conf: object): Promise<void> => {
  const answer = await fetch(`${server.url}/api/v1/instances/${instance}/dags/orders_daily/runs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ dag_run_id, conf, logical_date: `2026-11-20T0${dag_run_id.at(-1)}:00:00Z` }),
  });
  expect(answer.status).toBe(200);
};

const addSubject = async (run: string): Promise<void> => {
  const answer = await fetch(`${server.url}/api/v1/runs/${run}/subjects`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ subjects: [{ type: "collection", id: "42" }] }),
  });
  expect(answer.ok).toBe(true);
};

/** Until so many runs are known to have ended. */
const ended = async (count: number): Promise<readonly { readonly id: string }[]> => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${server.url}/api/v1/runs?state=success,failed`);
    const { items } = (await answer.json()) as { items: readonly { readonly id: string }[] };
    if (items.length === count) return items;
    if (Date.now() > deadline) throw new Error(`only ${items.length} runs have ended`);
  }
};

const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { url: server.url, cwd: directory.path });

/** The words of a command line, as a shell splits them. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? "");

describe("the guide", () => {
  test("has examples", () => {
    expect(COMMANDS.length).toBeGreaterThan(10);
  });

  test.each(COMMANDS.filter((command) => command.startsWith("airfleet ")))("%s works as written", async (command) => {
    const { code, stdout, stderr } = await cli(...wordsOf(command).slice(1));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).not.toBe("");
  });

  test.each(COMMANDS.filter((command) => command.startsWith("curl ")))("%s works as written", async (command) => {
    const answer = await fetch(wordsOf(command).at(-1)?.replace("http://127.0.0.1:3000", server.url) ?? "");
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { items: readonly unknown[] }).items.length).toBeGreaterThan(0);
  });

  test("has no other examples", () => {
    expect(COMMANDS.filter((command) => !/^(?:airfleet|curl) /.test(command))).toEqual([]);
  });
});

describe("what the guide says", () => {
  test("of the run that failed with no later success holds for one that has none", async () => {
    const found = JSON.parse((await cli("runs", "list", "--no-later-success", "--json")).stdout) as unknown;
    // The first night failed on both, and the second went well.
    expect(found).toMatchObject([{ instance: "eu-2", dag_run_id: "nightly-3" }]);
  });

  test("of a deep link is the page of that generation", async () => {
    const [two, three] = await Promise.all(
      ["eu-1", "eu-2"].map(
        async (id) => (await cli("runs", "open", `${id}/orders_daily/nightly-1`, "--task", "load")).stdout,
      ),
    );
    expect(two).toMatch(/\/dags\/orders_daily\/grid\?dag_run_id=nightly-1&task_id=load&tab=logs\n$/);
    expect(three).toMatch(/\/dags\/orders_daily\/runs\/nightly-1\/tasks\/load\?try_number=1\n$/);
  });

  test("of a run that failed: watch ends with 1", async () => {
    const { code, stdout } = await cli("runs", "watch", "eu-1/orders_daily/nightly-1");
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/ failed\n$/) as unknown });
  });

  test("of a list that is watched: it shows what is there, then what comes and how it ends", async () => {
    const args = [...CLI_ARGS, "runs", "list", "orders_daily", "--clients", "eu-1", "--conf", "watched=yes", "--watch"];
    const child = spawn(process.execPath, args, {
      env: { ...cleanEnvironment(), AIRFLEET_URL: server.url },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    child.stdout.on("data", (data: Buffer) => (said += data.toString()));
    await start("eu-1", "nightly-5", { watched: "yes", broken: true });
    await start("eu-1", "nightly-6", { watched: "no" });
    await vi.waitFor(() => expect(said).toMatch(/eu-1 {2}orders_daily {2}nightly-5 {2}failed\n/), { timeout: 30_000 });
    expect(said).not.toContain("nightly-6");
    child.kill("SIGINT");
    await cli("runs", "delete", "orders_daily", "nightly-5", "--clients", "eu-1", "--yes");
  });

  test("of tasks holds by our id and by the run's place, and a lone DAG is refused", async () => {
    const [run] = JSON.parse((await cli("runs", "list", "--no-later-success", "--json")).stdout) as { id: string }[];
    for (const word of [run?.id ?? "", "eu-2/orders_daily/nightly-3"]) {
      const { stdout } = await cli("tasks", "list", word);
      expect(stdout).toMatch(/load +failed/);
    }
    const refused = await cli("tasks", "list", "orders_daily");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("names no run")]);
  });

  test("of a word that names no run: it is refused with the way out", async () => {
    const { code, stderr } = await cli("runs", "show", "nonsense");
    expect(code).toBe(2);
    expect(stderr).toContain("instance/dag/run");
    expect((await cli("runs", "show", "eu-1/orders_daily/none")).code).toBe(3);
    expect((await cli("runs", "list", "--selector", "stat=failed")).stderr).toContain('Did you mean "state"?');
  });
});

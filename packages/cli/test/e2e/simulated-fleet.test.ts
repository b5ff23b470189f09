import { execFile, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { createSimulator, type Simulator } from "@airfleet/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLI_ARGS, type CliResult, cleanEnvironment, runCli, temporaryDirectory } from "../support/run-cli.ts";
import { type Served, serve } from "../support/serve.ts";

let simulator: Simulator;
let server: Served;
const directory = temporaryDirectory();

const DAGS = [
  { dagId: "t_ok", tags: ["tier1"], tasks: [{ taskId: "a", log: ["hello", "\u001B[32mgreen\u001B[0m \u001B[2Jend"] }] },
  { dagId: "t_fail", tasks: [{ taskId: "a", fails: () => true }] },
];

beforeAll(async () => {
  simulator = createSimulator({ timeScale: 50 });
  const two = await simulator.addInstance({ id: "two", generation: 2, dags: DAGS });
  const three = await simulator.addInstance({ id: "three", generation: 3, dags: DAGS });
  const entry = (id: string, tier: string, { url, credentials }: typeof two) => ({
    id,
    tier,
    url,
    auth: { type: "basic", ...credentials },
  });
  const instances = [entry("two", "development", two), entry("three", "production", three)];
  writeFileSync(path.join(directory.path, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  server = await serve(directory.path);
}, 60_000);
afterAll(async () => {
  await server.stop();
  await simulator[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { url: server.url, cwd: directory.path });
const json = async (...args: readonly string[]): Promise<readonly Record<string, unknown>[]> =>
  JSON.parse((await cli(...args, "--json")).stdout) as readonly Record<string, unknown>[];

/** Asks again until it is so; the server polls in its own time. */
const until = async <Value>(read: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> => {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await read();
    if (isSo(value)) return value;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
  }
};

describe("a fleet of Airflow 2 and Airflow 3", () => {
  test("is shown at a glance", async () => {
    const rows = await until(
      () => json("status"),
      (found) =>
        found.every(({ instance, state, dags }) => state === "healthy" && dags === (instance === "local" ? 0 : 2)),
    );
    expect(rows.map(({ instance, version }) => [instance, version])).toEqual([
      ["two", "2.11.2"],
      ["three", "3.3.2"],
      // This machine: every server has an engine of its own.
      ["local", expect.any(String)],
    ]);
  });

  test("is triggered as one, and the runs and their logs are read", async () => {
    const started = await json("trigger", "t_ok", "--idempotency-key", "k1", "--conf", '{"a": 1}');
    expect(started.map(({ instance, outcome }) => [instance, outcome])).toEqual([
      ["two", "done"],
      ["three", "done"],
    ]);
    const runId = String(started[0]?.["dag_run_id"]);
    expect(started[1]?.["dag_run_id"]).toBe(runId);
    await until(
      () => json("runs", "list", "t_ok"),
      (rows) => rows.length === 2 && rows.every(({ state }) => state === "success"),
    );
    expect(await json("tasks", "list", "t_ok", runId, "--clients", "three")).toMatchObject([
      { task_id: "a", state: "success" },
    ]);
    for (const client of ["two", "three"]) {
      const { code, stdout } = await cli("logs", "t_ok", runId, "a", "--clients", client);
      expect({ client, code }).toEqual({ client, code: 0 });
      expect(stdout).toMatch(/hello\n/);
      expect(stdout).toMatch(/green end\n/);
    }
    // The same key again is the same runs.
    const again = await json("trigger", "t_ok", "--idempotency-key", "k1", "--conf", '{"a": 1}');
    expect(again.map((row) => row["dag_run_id"])).toEqual([runId, runId]);
    expect(await json("runs", "list", "t_ok")).toHaveLength(2);
  });

  test("is paused where it is confirmed, and its failed runs are cleared", async () => {
    expect((await cli("pause", "t_ok", "--yes")).code).toBe(5);
    expect((await cli("pause", "t_ok", "--confirm", "three")).code).toBe(0);
    expect((await json("dags", "show", "t_ok", "-q")).length).toBe(2);
    await cli("trigger", "t_fail", "--clients", "two");
    await until(
      () => json("runs", "list", "t_fail", "--clients", "two", "--state", "failed"),
      (rows) => rows.length === 1,
    );
    const { code, stdout } = await cli("clear", "t_fail", "--clients", "two", "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toContain("clear 1 task");
    expect((await cli("clear", "t_fail", "--clients", "two")).code).toBe(0);
  });

  test("answers partly while one of its instances is down", async () => {
    const two = simulator.instances.find(({ id }) => id === "two");
    await two?.down();
    try {
      const { code, stdout, stderr } = await cli("trigger", "t_ok", "--clients", "two,three", "--json");
      expect(code).toBe(8);
      expect(JSON.parse(stdout)).toMatchObject([
        { instance: "two", outcome: "failed", code: "INSTANCE_UNREACHABLE" },
        { instance: "three", outcome: "done" },
      ]);
      expect(stderr).toContain("1 of 2 done");
    } finally {
      await two?.up();
    }
  });

  test("keeps an audit trail that verifies", async () => {
    const rows = await json("audit", "list");
    expect(rows.map(({ verb }) => verb)).toEqual(expect.arrayContaining(["run:trigger", "dag:pause", "run:clear"]));
    expect(await cli("audit", "verify")).toMatchObject({ code: 0 });
  });

  test("gives and takes tokens", async () => {
    const { stdout } = await cli("tokens", "create", "nightly", "--role", "operator", "--instances", "t*", "--json");
    const { id } = JSON.parse(stdout) as { id: string };
    expect((await cli("tokens", "revoke", id)).code).toBe(0);
    expect(await json("tokens", "list")).toMatchObject([{ id, name: "nightly", revoked_at: expect.any(String) }]);
    expect((await cli("tokens", "revoke", "tok_nobody")).code).toBe(3);
  });

  test("completes ids in a real shell", async () => {
    const script = `
      airfleet() { ${JSON.stringify(process.execPath)} ${CLI_ARGS.map((arg) => JSON.stringify(arg)).join(" ")} "$@"; }
      source <(airfleet completion bash)
      COMP_WORDS=(airfleet pause t_ok --clients two,th); COMP_CWORD=4; _airfleet; echo "$COMPREPLY"
      COMP_WORDS=(airfleet dags s); COMP_CWORD=2; _airfleet; echo "\${COMPREPLY[*]}"`;
    const env = { ...cleanEnvironment(), AIRFLEET_URL: server.url };
    const { stdout } = await promisify(execFile)("bash", ["-c", script], { env });
    expect(stdout).toBe("two,three\nshow source\n");
  });
});

/** Runs a command on a terminal of its own and answers its question. */
const atTerminal = (
  command: string,
  answer: string,
): Promise<{ readonly code: number | null; readonly screen: string }> =>
  new Promise((resolve) => {
    const line = [process.execPath, ...CLI_ARGS].map((part) => `'${part}'`).join(" ");
    const child = spawn("script", ["-qec", `${line} ${command}`, "/dev/null"], {
      env: { ...cleanEnvironment(), AIRFLEET_URL: server.url },
    });
    let screen = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const before = screen;
      screen += chunk.toString();
      if (/go on: |\[y\/N\] /.test(screen) && !/go on: |\[y\/N\] /.test(before)) child.stdin.write(`${answer}\n`);
    });
    child.on("close", (code) => resolve({ code, screen }));
  });

describe("somebody at a terminal", () => {
  test("is asked to type the id of a production instance", async () => {
    const wrong = await atTerminal("unpause t_ok --clients three", "y");
    expect(wrong.code).toBe(5);
    expect(wrong.screen).toContain("Not confirmed; nothing was changed.");
    const right = await atTerminal("unpause t_ok --clients three", "three");
    expect(right.code).toBe(0);
    expect(right.screen).toContain("Type three to go on:");
    expect(right.screen).toMatch(/three .*done/);
  });
});

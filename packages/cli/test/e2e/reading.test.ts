import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeServer, Refusal } from "../../../sdk/test/support/fake-server.ts";
import { cell, instance, run } from "../../../sdk/test/support/samples.ts";
import { startFakeFleet } from "../support/fake-fleet.ts";
import { runCli } from "../support/run-cli.ts";
import { CONTROLS, withoutColours } from "../support/terminal-text.ts";

let server: FakeServer;
beforeAll(async () => {
  server = await startFakeFleet();
});
afterAll(() => server[Symbol.asyncDispose]());
const cli = (...args: readonly string[]) => runCli(args, { url: server.url });

describe("reading commands", () => {
  test("print an aligned table on stdout and remarks on stderr", async () => {
    const { code, stdout, stderr } = await cli("status");
    expect(code).toBe(0);
    const [header, first] = stdout.split("\n");
    expect(header).toMatch(/^INSTANCE +STATE +VERSION +TIER +DAGS +PAUSED +BROKEN +RUNNING +FAILED/);
    expect(first).toMatch(/^eu-1 +healthy +3\.3\.2 +development +1 +0 +0 +0 +1 /);
    expect(stderr).toBe("4 of 4 instances healthy.\n");
  });

  test("say nothing on stderr with --quiet", async () => {
    expect((await cli("status", "-q")).stderr).toBe("");
  });

  test.for([
    ["jsonl", /^\{"id":"eu-1",.*\}\n(\{.*\}\n){3}$/],
    ["yaml", /^- id: eu-1\n/],
    ["csv", /^id,state,version,tier,url,name,auth,source,latency_ms,observed,error\neu-1,healthy,/],
    ["name", /^eu-1\nus-1\nprod-1\nold-1\n$/],
    ["wide", /LATENCY MS/],
  ] as const)("print %s with -o", async ([format, pattern]) => {
    const { code, stdout } = await cli("instances", "list", "-o", format);
    expect(code).toBe(0);
    expect(stdout).toMatch(pattern);
  });

  test("take --json for -o json, before or after the command", async () => {
    const [before, after] = await Promise.all([cli("--json", "instances", "list"), cli("instances", "list", "--json")]);
    expect(before.stdout).toBe(after.stdout);
    expect(JSON.parse(before.stdout)).toHaveLength(4);
  });

  test("colour states only when asked to, and never against NO_COLOR", async () => {
    const [plain, forced, refused] = await Promise.all([
      cli("instances", "list"),
      runCli(["instances", "list"], { url: server.url, env: { FORCE_COLOR: "1" } }),
      runCli(["instances", "list"], { url: server.url, env: { FORCE_COLOR: "1", NO_COLOR: "1" } }),
    ]);
    expect(plain.stdout).not.toContain("\u001B");
    expect(forced.stdout).toContain("\u001B[32mhealthy\u001B[0m");
    expect(refused.stdout).toBe(plain.stdout);
  });

  test("show each request with --verbose, on stderr", async () => {
    const { stderr } = await cli("instances", "show", "eu-1", "-v");
    expect(stderr).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/api\/v1\/instances\/eu-1 200 \d+ ms\n$/);
  });

  test("end quietly when the reader leaves", async () => {
    await using long = await startFakeFleet({
      listInstances: () => ({
        items: Array.from({ length: 5_000 }, (_, index) => instance({ id: `i${index}` })),
        next_cursor: null,
      }),
    });
    const { code, stderr } = await runCli(["instances", "list", "-o", "jsonl"], { url: long.url, hangUpAfter: 1 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("let no DAG write to the terminal", async () => {
    await using hostile = await startFakeFleet({
      listDags: () => ({
        items: [
          { dag_id: "a\u001B]0;title\u0007b\u001B[2Jc\nd", tags: [], cells: [cell({ schedule: "\u009B31m=1+1" })] },
        ],
        next_cursor: null,
        instances: [],
      }),
    });
    const { stdout } = await runCli(["dags", "list"], { url: hostile.url, env: { FORCE_COLOR: "1" } });
    expect(withoutColours(stdout)).not.toMatch(CONTROLS);
  });

  test("ask for and show what is stale", async () => {
    await using stale = await startFakeFleet({
      listDags: () => ({
        items: [],
        next_cursor: null,
        instances: [{ instance: "eu-1", observed_at: null, stale: true, error: "INSTANCE_UNREACHABLE" }],
      }),
    });
    const { stderr } = await runCli(["dags", "list"], { url: stale.url });
    expect(stderr).toMatch(
      /^Nothing found\. .*airfleet status\nWhat is shown of eu-1 may be old: INSTANCE_UNREACHABLE\n$/,
    );
  });

  test("send the filters that were given", async () => {
    let asked: unknown;
    await using filtered = await startFakeFleet({
      listDags: ({ query }) => {
        asked = query;
        return { items: [], next_cursor: null, instances: [] };
      },
    });
    const args = [
      "dags",
      "list",
      "--clients",
      "us-1,EU-1",
      "--state",
      "failed,running",
      "--tag",
      "a",
      "--tag",
      "b",
      "--active",
      "--text",
      "x",
    ];
    expect((await runCli(args, { url: filtered.url })).code).toBe(0);
    expect(asked).toEqual({
      limit: 1_000,
      instance: ["us-1", "eu-1"],
      tag: ["a", "b"],
      paused: false,
      state: ["failed", "running"],
      text: "x",
    });
  });
});

describe("logs", () => {
  const line = { at: "2026-11-20T03:00:00.123Z", level: "error", source: null } as const;
  const hostile = "red \u001B[31mtext\u001B]52;c;ZXZpbA==\u0007 \u001B[2Jend\u009B5n";

  test("keep colours on a terminal that wants them and strip every other control sequence", async () => {
    await using logs = await startFakeFleet({ readLog: () => [{ ...line, text: hostile }] });
    const args = ["logs", "orders", "af_01", "load", "--clients", "eu-1"];
    const [plain, coloured] = await Promise.all([
      runCli(args, { url: logs.url }),
      runCli(args, { url: logs.url, env: { FORCE_COLOR: "1" } }),
    ]);
    expect(plain.stdout).toBe("2026-11-20T03:00:00.123Z ERROR    red text end\n");
    expect(coloured.stdout).toContain("red \u001B[31mtext end\u001B[0m\n");
    expect(withoutColours(coloured.stdout)).not.toMatch(CONTROLS);
  });

  test("find the one instance that has the run", async () => {
    await using logs = await startFakeFleet({
      getRun: ({ params }) => {
        if (params.instance === "us-1") return run({ instance: "us-1" });
        throw new Refusal(404, "RUN_UNKNOWN", "no such run");
      },
      readLog: ({ params }) => [{ ...line, text: `from ${params.instance}` }],
    });
    const { stdout } = await runCli(["logs", "orders", "af_01", "load", "-o", "jsonl"], { url: logs.url });
    expect(JSON.parse(stdout)).toMatchObject({ text: "from us-1" });
  });

  test("ask which instance is meant when several have the run", async () => {
    const { code, stderr } = await cli("logs", "orders", "af_01", "load");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'airfleet: RUN_AMBIGUOUS: Several instances have the run "af_01": eu-1, prod-1.\n  Name one of them with --clients.\n',
    });
  });
});

import { writeFileSync } from "node:fs";
import path from "node:path";
import { createSimulator, type Simulator } from "@airfleet/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliResult, runCli, temporaryDirectory } from "../support/run-cli.ts";
import { type Served, serve } from "../support/serve.ts";

const EXAMPLE = path.resolve(import.meta.dirname, "../../../../examples/triggers.jsonl");
const DAGS = [
  { dagId: "index_finding_aid", tasks: [{ taskId: "a" }] },
  { dagId: "fails", tasks: [{ taskId: "a", fails: () => true }] },
];

let simulator: Simulator;
let server: Served;
const directory = temporaryDirectory();
beforeAll(async () => {
  simulator = createSimulator({ timeScale: 50 });
  const two = await simulator.addInstance({ id: "two", generation: 2, dags: DAGS });
  const three = await simulator.addInstance({ id: "three", generation: 3, dags: DAGS });
  const instances = [two, three].map(({ id, url, credentials }) => ({
    id,
    url,
    auth: { type: "basic", ...credentials },
  }));
  writeFileSync(path.join(directory.path, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  server = await serve(directory.path);
}, 60_000);
afterAll(async () => {
  await server.stop();
  await simulator[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { url: server.url, cwd: directory.path });
const rowsOf = ({ stdout }: CliResult): readonly Record<string, unknown>[] =>
  JSON.parse(stdout) as readonly Record<string, unknown>[];

describe("triggers from the command line", () => {
  test("of the example file become one run per item on every instance, and none when repeated", async () => {
    const asked = await cli("trigger", "--batch", EXAMPLE, "--key", "example", "--json");
    expect(asked).toMatchObject({ code: 0 });
    const rows = rowsOf(asked);
    expect(rows.map(({ state }) => state)).toEqual(["accepted", "accepted", "accepted", "accepted"]);
    expect(String(rows[0]?.["dag_run_id"])).toMatch(/^cinco__ark::13030:c8zz__\d{4}-/);
    expect(asked.stdout).not.toContain("never shown");
    const again = rowsOf(await cli("trigger", "--batch", EXAMPLE, "--key", "example", "--json"));
    expect(again.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  });

  test("wait for the end of the runs, and fail when a run did", async () => {
    const good = await cli(
      "trigger",
      "index_finding_aid",
      "--instance",
      "two,three",
      "--subject",
      "finding-aid:9/x",
      "--wait",
      "finished",
      "--json",
    );
    expect(good.code).toBe(0);
    expect(rowsOf(good).map(({ run }) => (run as { state: string }).state)).toEqual(["success", "success"]);
    const listed = rowsOf(await cli("triggers", "list", "--subject", "finding-aid/9/x", "--json"));
    expect(listed).toHaveLength(2);
    const bad = await cli("trigger", "fails", "--selector", "instance=two", "--wait", "finished");
    expect(bad.code).toBe(1);
  });

  test("are shown with the engine's answer, and cannot be called off once accepted", async () => {
    const [row] = rowsOf(await cli("trigger", "index_finding_aid", "--instance", "two", "--json"));
    const id = String(row?.["id"]);
    const shown = await cli("triggers", "show", id);
    expect(shown.stdout).toMatch(/Attempt 1, .*: POST \/api\/v1\/dags\/index_finding_aid\/dagRuns: 200 in \d+ ms/);
    const cancelled = await cli("triggers", "cancel", id);
    expect(cancelled).toMatchObject({ code: 5 });
    expect(cancelled.stderr).toContain("TRIGGER_FINISHED");
  });

  test("start nowhere when it is said in two ways where, nor in a dry run", async () => {
    const before = rowsOf(await cli("triggers", "list", "--json")).length;
    expect(rowsOf(await cli("triggers", "list", "--since", "1d", "--json"))).toHaveLength(before);
    const none = await cli("triggers", "list", "--since", "0s");
    expect([none.code, none.stderr]).toEqual([0, expect.stringMatching(/^Nothing found\. .*airfleet trigger <dag>/)]);
    expect((await cli("triggers", "list", "--since", "yesterday")).code).toBe(2);
    const places = ["--instance", "two", "--selector", "instance=*", "--clients", "three"];
    for (const given of [places.slice(0, 4), places.slice(2), [...places.slice(0, 2), ...places.slice(4)]]) {
      const refused = await cli("trigger", "index_finding_aid", ...given);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("do not go together")]);
    }
    for (const given of [["--instance", "two"], ["--dry-run"]]) {
      expect((await cli("trigger", "--batch", EXAMPLE, ...given)).code).toBe(2);
    }
    expect(rowsOf(await cli("triggers", "list", "--json"))).toHaveLength(before);
  });

  test("say what is wrong with each line of a file", async () => {
    const file = path.join(directory.path, "bad.jsonl");
    writeFileSync(file, '{"instances":["two"],"dag_id":"index_finding_aid"}\n{"dag_id":"x"}\n');
    const mixed = await cli("trigger", "--batch", file);
    expect(mixed.code).toBe(8);
    expect(mixed.stderr).toContain("line 2: REQUEST_INVALID");
    writeFileSync(file, "{");
    expect(await cli("trigger", "--batch", file)).toMatchObject({ code: 2 });
    writeFileSync(file, "\n");
    const empty = await cli("trigger", "--batch", file);
    expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining("is empty")]);
  });
});

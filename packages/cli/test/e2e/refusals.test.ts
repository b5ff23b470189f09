import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Refusal } from "../../../sdk/test/support/fake-server.ts";
import { startFakeFleet } from "../support/fake-fleet.ts";
import { runCli, temporaryDirectory } from "../support/run-cli.ts";

describe("a command that is written wrongly", () => {
  test.each([
    [["dags", "lst"], "(Did you mean list?)"],
    [["statu"], "(Did you mean status?)"],
    [["dags", "list", "--client", "x"], "(Did you mean --clients?)"],
    [["dags", "list", "-o", "xml"], "Allowed choices are table, wide, json, yaml, jsonl, csv, name."],
    [["dags", "list", "--json", "-o", "csv"], "cannot be used with option"],
    [["trigger"], "Name the DAG, or a file of items with --batch."],
    [["instances"], "Usage: airfleet instances"],
    [["runs", "list", "orders", "--limit", "0"], "Give a whole number from 1 to"],
    [["status", "--server", "nonsense"], '"nonsense" is no address of a server.'],
    [["completion", "bsh"], "Did you mean bash?"],
    [["instances", "add", "x", "--url", "http://h", "--username", "u"], "The password is missing."],
  ])("%j ends with 2 and says what is right", async (args, expected) => {
    const { code, stdout, stderr } = await runCli(args, { url: "http://127.0.0.1:1" });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(expected);
  });

  test("shows help on stdout and ends with 0 when help was asked for", async () => {
    for (const args of [["--help"], ["dags", "list", "-h"], ["help", "dags"], []]) {
      const { code, stdout, stderr } = await runCli(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^Usage: airfleet/);
    }
  });
});

describe("an instance that is not there", () => {
  test("is answered with the nearest one and 3, before anything is asked of it", async () => {
    await using fleet = await startFakeFleet();
    const { code, stderr } = await runCli(["pause", "orders", "--clients", "eu-1,us-11"], { url: fleet.url });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'airfleet: INSTANCE_UNKNOWN: There is no instance "us-11".\n  Did you mean us-1?\n',
    });
    expect(fleet.calls).not.toContain("patchDag");
  });

  test("is suggested as well where only one is read", async () => {
    await using fleet = await startFakeFleet();
    const { code, stderr } = await runCli(["instances", "show", "us-11"], { url: fleet.url });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'airfleet: INSTANCE_UNKNOWN: There is no instance "us-11".\n  Did you mean us-1?\n',
    });
  });

  test("is a conflict when it is disabled", async () => {
    await using fleet = await startFakeFleet();
    const { code, stderr } = await runCli(["pause", "orders", "--clients", "old-1"], { url: fleet.url });
    expect(code).toBe(5);
    expect(stderr).toContain('INSTANCE_DISABLED: Instance "old-1" is disabled.');
  });
});

describe("what the server refuses", () => {
  test.each([
    [404, "ACTION_UNKNOWN", 3],
    [401, "TOKEN_MISSING", 4],
    [403, "FORBIDDEN", 4],
    [412, "VERSION_CONFLICT", 5],
    [504, "INSTANCE_TIMEOUT", 6],
    [502, "INSTANCE_UNREACHABLE", 7],
    [500, "INTERNAL", 1],
  ])("with %i %s ends with %i", async (status, code, expected) => {
    await using fleet = await startFakeFleet({
      getAction: () => {
        throw new Refusal(status, code, "what happened", { errors: [{ pointer: "/url", message: "is wrong" }] });
      },
    });
    const result = await runCli(["actions", "show", "act_1"], { url: fleet.url });
    expect(result).toMatchObject({ code: expected, stdout: "" });
    expect(result.stderr).toContain(`airfleet: ${code}: what happened\n  /url: is wrong\n`);
  });

  test("is 7 when nobody answers, and says how to start a server", async () => {
    const { code, stderr } = await runCli(["status"], { url: "http://127.0.0.1:1" });
    expect(code).toBe(7);
    expect(stderr).toMatch(/SERVER_UNREACHABLE: No Airfleet server answers at http:\/\/127\.0\.0\.1:1.*airfleet serve/);
  });
});

describe("the token", () => {
  test("comes from AIRFLEET_TOKEN or the file in AIRFLEET_TOKEN_FILE and is never shown", async () => {
    using directory = temporaryDirectory();
    const file = path.join(directory.path, "token");
    writeFileSync(file, "aft_file\n", { mode: 0o600 });
    await using fleet = await startFakeFleet();
    const args = ["instances", "list", "-v"];
    const fromText = await runCli(args, { url: fleet.url, env: { AIRFLEET_TOKEN: "aft_text" } });
    const fromFile = await runCli(args, { url: fleet.url, env: { AIRFLEET_TOKEN_FILE: file } });
    expect(fleet.headers.map(({ authorization }) => authorization)).toEqual(["Bearer aft_text", "Bearer aft_file"]);
    for (const { stdout, stderr } of [fromText, fromFile]) expect(stdout + stderr).not.toContain("aft_");
  });
});

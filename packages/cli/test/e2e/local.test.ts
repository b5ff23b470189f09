import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCli, temporaryDirectory } from "../support/run-cli.ts";
import { serve } from "../support/serve.ts";

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory[Symbol.dispose]());

const cli = (...args: readonly string[]) => runCli(args, { cwd: directory.path });
const configure = (text: string): void =>
  writeFileSync(path.join(directory.path, "airfleet.yaml"), text, { mode: 0o600 });

const YAML = `server:
  port: 4321
instances:
  - id: eu-1
    url: http://127.0.0.1:9
    auth: { type: basic, username: airfleet, password: planted-canary }
`;

describe("config", () => {
  test("explains where each value comes from and hides secrets", async () => {
    configure(YAML);
    const { code, stdout } = await cli("config", "explain", "--json", "--host", "::1");
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as readonly { key: string; value: string; source: string }[];
    const sourceOf = Object.fromEntries(rows.map(({ key, source }) => [key, source]));
    expect(sourceOf).toMatchObject({
      "server.host": "--host",
      "server.port": expect.stringMatching(/airfleet\.yaml:2:\d+$/),
      "server.log_level": "default",
    });
    expect(stdout).not.toContain("planted-canary");
    expect((await cli("config", "show", "--json")).stdout).not.toContain("planted-canary");
  });

  test("shows the configuration in force as YAML", async () => {
    configure(YAML);
    const { stdout } = await cli("config", "show");
    expect(stdout).toMatch(/^server:\n {2}host: 127\.0\.0\.1\n {2}port: 4321\n/);
  });

  test("finds every mistake with file, line and column, and ends with 1", async () => {
    configure(`${YAML}serverr: {}\n`);
    const { code, stdout, stderr } = await cli("config", "validate", "-o", "jsonl");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ place: expect.stringMatching(/airfleet\.yaml:7:1$/) });
    expect(stdout).toContain("server");
    expect(stderr).toContain("airfleet: CONFIG_FILE_INVALID:");
    configure(YAML);
    expect(await cli("config", "validate")).toMatchObject({ code: 0, stdout: "Valid: 1 instances.\n" });
  });

  test("prints the JSON Schema of the file", async () => {
    const { stdout } = await cli("config", "schema");
    expect(JSON.parse(stdout)).toMatchObject({ properties: { instances: { type: "array" } } });
  });
});

describe("doctor", () => {
  test("changes nothing and ends with 0 where all is well", async () => {
    const { code, stdout } = await cli("doctor", "--json");
    expect(code).toBe(0);
    const states = Object.fromEntries(
      (JSON.parse(stdout) as { subject: string; state: string }[]).map((row) => [row.subject, row.state]),
    );
    expect(states).toEqual({ node: "ok", configuration: "ok", store: "ok", server: "ok" });
    expect(existsSync(path.join(directory.path, ".airfleet"))).toBe(false);
  });

  test("names an instance that cannot be reached and ends with 1", async () => {
    configure(YAML);
    const { code, stdout } = await cli("doctor", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ subject: "instance eu-1", state: "failed", code: "INSTANCE_UNREACHABLE" }),
    );
    expect(stdout).not.toContain("planted-canary");
  });
});

describe("the store, without a server", () => {
  test("gives the first token, is backed up, and is restored elsewhere", async () => {
    const made = await cli("tokens", "create", "first", "--role", "admin", "--local", "-o", "name");
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^aft_\S+\n$/);
    expect(await cli("backup", "fleet.backup")).toMatchObject({ code: 0 });
    // The secret key goes with the store: a new directory with the same key takes the backup.
    const key = path.join(directory.path, ".airfleet", "secret.key");
    const env = { AIRFLEET_SECRET_KEY_FILE: key };
    const restored = await runCli(["restore", "fleet.backup", "--data-dir", "second"], { cwd: directory.path, env });
    expect(restored).toMatchObject({ code: 0 });
    const again = await runCli(["restore", "fleet.backup", "--data-dir", "second"], { cwd: directory.path, env });
    expect(again.code).toBe(5);
    expect(again.stderr).toContain("STORE_NOT_EMPTY");
  });

  test("refuses a backup that is not one", async () => {
    writeFileSync(path.join(directory.path, "junk"), "nonsense");
    const { code, stderr } = await cli("restore", "junk");
    expect(code).toBe(1);
    expect(stderr).toContain("BACKUP_INVALID");
  });

  test("is in use while a server runs: 75, and the process is named", async () => {
    await using server = await serve(directory.path);
    const { code, stderr } = await cli("backup", "fleet.backup");
    expect(code).toBe(75);
    expect(stderr).toMatch(/DATA_DIR_LOCKED: .*process \d+/);
    expect(await server.stop()).toBe(0);
  });

  test("refuses to listen to the world without tokens", async () => {
    const { code, stderr } = await cli("serve", "--host", "0.0.0.0", "--port", "0");
    expect(code).not.toBe(0);
    expect(stderr).toContain("LOCAL_MODE_EXPOSED");
  });
});

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, temporaryDirectory } from "../support/run-cli.ts";
import { type Served, serve } from "../support/serve.ts";

const ROOT = path.resolve(import.meta.dirname, "../../../..");
const GUIDE = readFileSync(path.join(ROOT, "docs/guides/experimental-api.md"), "utf8");
const EXAMPLE = readFileSync(path.join(ROOT, "examples/experimental-api/workbench.yaml"), "utf8");

let server: Served;
const directory = temporaryDirectory();

beforeAll(async () => {
  const instances = [{ id: "eu-1", url: "http://127.0.0.1:9" }];
  const settings = { instances, poll: { enabled: false } };
  writeFileSync(path.join(directory.path, "airfleet.yaml"), JSON.stringify(settings), { mode: 0o600 });
  writeFileSync(path.join(directory.path, "workbench.yaml"), EXAMPLE);
  server = await serve(directory.path);
}, 60_000);
afterAll(async () => {
  await server.stop();
  directory[Symbol.dispose]();
});

const airfleet = (command: string) => runCli(command.split(" "), { url: server.url, cwd: directory.path });
const commands = [...GUIDE.matchAll(/^\$ airfleet (trigger-keys .+)$/gm)].map(([, command = ""]) => command);

describe("the guide to the experimental API", () => {
  test("its commands write, list, show and remove a key, from the example's file", async () => {
    const [put = "", list = "", remove = ""] = commands;
    expect(await airfleet(put)).toMatchObject({ code: 0, stderr: "" });
    expect((await airfleet(list)).stdout).toMatch(
      /workbench\s+eu-1\s+cwl-\*, clean_dag_run\s+enabled\s+refuse\s+2026 \(EdDSA\)/,
    );
    expect((await airfleet(put)).stdout).toMatch(/VERSION:\s+2/);
    expect((await airfleet("trigger-keys show nobody")).code).toBe(3);
    expect(await airfleet(`${remove} --yes`)).toMatchObject({ code: 0 });
    expect((await airfleet("trigger-keys list --json")).stdout.trim()).toBe("[]");
  });

  test("a key that protects nothing is refused with the reason", async () => {
    const broken = EXAMPLE.replace("algorithm: EdDSA", "algorithm: RS256");
    writeFileSync(path.join(directory.path, "broken.yaml"), broken);
    const refused = await airfleet("trigger-keys put broken --file broken.yaml");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("RS256 needs a key of type rsa")]);
  });

  test("its request without keys reaches the default instance", async () => {
    const [, data = ""] = /--data '([^']+)'/.exec(GUIDE) ?? [];
    const answer = await fetch(`${server.url}/api/experimental/dags/cwl-align/dag_runs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: data,
    });
    expect(await answer.json()).toEqual({ error: expect.stringContaining('"eu-1"') });
  });
});

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SimulatedFleet, startSimulatedFleet } from "../../../server/test/support/simulated-fleet.ts";
import { type CliResult, runCli, temporaryDirectory } from "../support/run-cli.ts";

const EXAMPLES = path.resolve(import.meta.dirname, "../../../../examples/pipelines");
const ORDERS = path.join(EXAMPLES, "paid-orders.json");

let fleet: SimulatedFleet;
let cli: (...args: readonly string[]) => Promise<CliResult>;
let json: (...args: readonly string[]) => Promise<{ readonly id: string }>;
beforeAll(async () => {
  fleet = await startSimulatedFleet();
  cli = (...args) => runCli(args, { url: fleet.airfleet.url });
  json = async (...args) => JSON.parse((await cli(...args, "-o", "json")).stdout);
});
afterAll(() => fleet[Symbol.asyncDispose]());

const offline = (...args: readonly string[]) => runCli(args, { cwd: EXAMPLES, env: { AIRFLEET_URL: "" } });

/** Each command is a process of its own, on a machine that does much else. */
const PATIENT = { timeout: 240_000 };

describe("airfleet pipelines", PATIENT, () => {
  test("takes one from the first file through every verb", async () => {
    const made = await json("pipelines", "create", "--file", ORDERS, "--note", "first");
    const { id } = made;
    expect(made).toMatchObject({ name: "Paid orders by country", is_scheduled: true, revision: 1 });
    expect((await cli("pipelines", "list", "--tag", "orders")).stdout).toMatch(/Paid orders by country +draft +6/);
    expect((await cli("pipelines", "list", "--module", "join", "-o", "name")).stdout).toBe(`${id}\n`);
    expect((await cli("pipelines", "show", id)).stdout).toContain("0 3 * * * Europe/Paris");
    expect(await cli("pipelines", "validate", id)).toMatchObject({ code: 0, stderr: "Valid: 0 errors, 0 warnings.\n" });
    const compiled = await cli("pipelines", "compile", id, "--target", "airflow");
    expect(compiled.stdout).toContain(`dag_id="pipeline_${id.replaceAll("-", "_")}"`);

    using folder = temporaryDirectory();
    const directory = folder.path;
    const patch = path.join(directory, "patch.yaml");
    writeFileSync(patch, "status: active\ntags: [orders]\n");
    expect(await json("pipelines", "edit", id, "--file", patch, "--note", "goes live")).toMatchObject({ revision: 2 });
    expect((await cli("pipelines", "update", id, "--file", patch)).stderr).toContain("Nothing was changed.");
    expect((await cli("pipelines", "versions", id)).stdout).toMatch(/2 .*goes live/);
    const diff = await cli("pipelines", "diff", id);
    expect(diff.stdout).toMatch(/~ +pipeline +status +"draft" +"active"/);
    expect(diff.stderr).toContain("Revision 1 to 2: engines will run something else.");
    expect(await json("pipelines", "restore", id, "1")).toMatchObject({ revision: 3, status: "draft" });

    const file = path.join(directory, "exported.json");
    writeFileSync(file, (await cli("pipelines", "export", id)).stdout);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ id, format: "airfleet-pipeline" });
    expect((await json("pipelines", "import", "--file", file)).id).not.toBe(id);
    const refused = await cli("pipelines", "import", "--file", file, "--on-conflict", "fail");
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining("PIPELINE_EXISTS") });
    expect(await json("pipelines", "duplicate", id, "--name", "Trial")).toMatchObject({ name: "Trial", revision: 1 });
    expect((await cli("pipelines", "delete", id, "--yes")).stderr).toContain("Removed Paid orders by country.");
    expect(await cli("pipelines", "show", id)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("Pipeline not found"),
    });
  });

  test("judges and compiles the examples without a server", async () => {
    for (const name of ["./paid-orders.json", "./masked-orders.json"]) {
      expect(await offline("pipelines", "validate", name)).toMatchObject({
        code: 0,
        stderr: "Valid: 0 errors, 0 warnings.\n",
      });
    }
    const compiled = await offline("pipelines", "compile", "./masked-orders.json", "-o", "json");
    const { plan } = JSON.parse(compiled.stdout) as { plan: { steps: { node: string; body: unknown }[] } };
    const body = (node: string) => plan.steps.find((step) => step.node === node)?.body;
    expect(body("mask")).toHaveProperty(
      "outputs.out.parts.0",
      expect.stringContaining(`left(cast("email" as varchar), 2) || '***' as "email"`),
    );
    expect(body("score")).toMatchObject({
      kind: "python",
      timeoutSeconds: 60,
      code: expect.stringContaining("is_large"),
    });
    expect((await offline("pipelines", "compile", "./paid-orders.json", "--target", "airflow")).stdout).toMatch(
      /from airfleet_runtime_[0-9a-f]{16}\.airflow import/,
    );
    using folder = temporaryDirectory();
    const wrong = path.join(folder.path, "wrong.json");
    writeFileSync(
      wrong,
      JSON.stringify({ nodes: [{ id: "a", type: "loader", data: { moduleId: "csv-lader" } }], edges: [] }),
    );
    const judged = await offline("pipelines", "validate", wrong);
    expect(judged.code).toBe(1);
    expect(judged.stdout).toMatch(/error +missing_extractor/);
    expect(judged.stdout).toContain('"csv-loader"');
    expect((await offline("pipelines", "compile", wrong)).code).toBe(1);
  });
});

describe("airfleet modules", PATIENT, () => {
  test("are listed and shown with their fields", async () => {
    expect((await cli("modules", "list", "--category", "combine")).stdout).toMatch(/union .* 2 or more, named/);
    const shown = await cli("modules", "show", "csv-extractor");
    expect(shown.stdout).toMatch(/delimiter +Separator +string +","/);
    expect(await json("modules", "show", "join")).toMatchObject({ name: "join", type: "transformer" });
    expect((await cli("modules", "reload")).stderr).toContain("of your own: none");
    expect(await cli("modules", "show", "csv-lader")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("csv-loader"),
    });
  });
});

describe("airfleet connections", PATIENT, () => {
  test("are put, listed, checked and removed; the password is nowhere", async () => {
    const file = path.join(EXAMPLES, "warehouse.yaml");
    expect((await cli("connections", "put", "warehouse", "--file", file)).code).toBe(0);
    expect((await cli("connections", "put", "warehouse", "--file", file)).code).toBe(0);
    const listed = await cli("connections", "list", "-o", "wide");
    expect(listed.stdout).toMatch(/warehouse +postgres +db.example.org:5432 +etl +sales +kept/);
    const checked = await cli("connections", "check", "warehouse", "--clients", "client1");
    expect(checked.stdout).toContain("client1 does not have it");
    expect((await cli("connections", "check", "nowhere")).code).toBe(1);
    expect(await json("connections", "show", "warehouse")).toMatchObject({ version: 2, has_password: true });
    const all = [listed, checked, await cli("connections", "show", "warehouse", "-o", "json")];
    expect(JSON.stringify(all)).not.toContain("change-me");
    expect((await cli("connections", "remove", "warehouse", "--yes")).stderr).toContain("Removed warehouse.");
  });
});

import { existsSync, mkdirSync, readFileSync, rmSync, readdirSync, writeFileSync, cpSync } from "node:fs";
import path from "node:path";
import { compilePlan, createModuleCatalogue, toAirflowFile } from "@airfleet/compiler";
import type { RunningAirflow } from "@airfleet/tools-engines";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { takeAirflow } from "../../airflow/test/conformance/instance-under-trial.ts";
import { type JoinedCase, joinCases } from "./plans/join-cases.ts";
import { readPlanCases } from "./plans/plan-case.ts";
import { putFiles } from "./support/plan-bench.ts";
import { readTable } from "./support/read-table.ts";

const RUNTIME = path.resolve(import.meta.dirname, "../../../python/src/airfleet/runtime");
const PATIENCE_MS = 900_000;
/** Those that need a database or look at what refuses them are held on the interpreters alone. */
const GROUPS = ["combine", "control", "loaders", "sources", "transformers", "validate"];

const CASES: readonly JoinedCase[] = [...readPlanCases()]
  .filter(([group]) => GROUPS.includes(group))
  .flatMap(([, cases]) => cases)
  .filter(({ error }) => error === undefined)
  .map((given, index) => ({ given, prefix: `c${index + 1}` }));

test("the suite for real engines has sixty plans and more", () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60);
});

/**
 * All plans as one DAG, carried out by `airflow dags test`: Airflow's own operators, XComs, branches and skipping, in one
 * process instead of one for each of some two hundred tasks. What the scheduler adds is held on a few pipelines in
 * `packages/compiler/test/real-pipeline.test.ts`.
 */
describe.concurrent.each([2, 3] as const)("on a real Airflow %i", (generation) => {
  let airflow: RunningAirflow;
  let folder = "";
  let data = "";
  let rows = "";
  let said = "";

  beforeAll(async () => {
    airflow = await takeAirflow(generation);
    const home = path.join(path.dirname(airflow.dagsFolder), "home");
    const id = crypto.randomUUID();
    folder = path.join(airflow.dagsFolder, `plans-${id}`);
    data = path.join(home, "data");
    const runtime = `airfleet_runtime_${id.replaceAll("-", "")}`;
    cpSync(RUNTIME, path.join(folder, runtime), { recursive: true, filter: (file) => !file.includes("__pycache__") });
    writeFileSync(path.join(folder, ".airflowignore"), "airfleet_runtime_*\n");
    for (const { given, prefix } of CASES) {
      mkdirSync(path.join(data, prefix), { recursive: true });
      putFiles(path.join(data, prefix), given.files);
    }
    const { plan, findings } = compilePlan(joinCases(id, CASES), { catalogue: createModuleCatalogue() });
    if (plan === null) throw new Error(JSON.stringify(findings));
    const { name, text } = toAirflowFile(plan, { runtime });
    writeFileSync(path.join(folder, name), text);
    rows = path.join(home, "rows", plan.dagId);
    said = await airflow.command(["dags", "test", plan.dagId, "2026-01-01"]);
    // Beside it stands a mark of when older runs were cleaned up.
    const [run] = readdirSync(rows, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    rows = path.join(rows, run.name);
  }, PATIENCE_MS);

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(path.dirname(rows), { recursive: true, force: true });
    for (const { prefix } of CASES) rmSync(path.join(data, prefix), { recursive: true, force: true });
    await airflow?.[Symbol.asyncDispose]();
  });

  test.each(CASES.map((each) => [each.given.title, each] as const))("%s", async (_title, { given, prefix }) => {
    for (const [name, expected] of Object.entries(given.tables)) {
      const [step, output] = name.split(".");
      const file = path.join(rows, `${prefix}_${step}`, `${output}.parquet`);
      if (!existsSync(file)) throw new Error(`${name} is not there. Airflow said at its end:\n${said.slice(-3_000)}`);
      expect(await readTable(file)).toEqual(expected);
    }
    for (const [name, text] of Object.entries(given.written)) {
      expect(readFileSync(path.join(data, prefix, name), "utf8")).toBe(text);
    }
    for (const step of given.skipped) expect(existsSync(path.join(rows, `${prefix}_${step}`))).toBe(false);
  });
});

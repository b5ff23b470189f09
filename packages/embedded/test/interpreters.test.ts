import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPlanCases } from "./plans/plan-case.ts";
import { findPythonSettings, openPython, openTypeScript } from "./support/interpreters.ts";
import { openPlanBench, type PlanBench } from "./support/plan-bench.ts";

const TIMEOUT_MS = 60_000;
const benches = new Map<string, PlanBench>();

beforeAll(async () => {
  const python = await findPythonSettings();
  benches.set("TypeScript", await openPlanBench(openTypeScript(python)));
  benches.set("Python", await openPlanBench(openPython(python)));
}, 300_000);

afterAll(async () => {
  for (const bench of benches.values()) await bench[Symbol.asyncDispose]();
}, TIMEOUT_MS);

/** Each case through each interpreter: what the case says must come of it, to the byte of values and types. */
describe.each(["TypeScript", "Python"])("the interpreter in %s", (interpreter) => {
  describe.each([...readPlanCases()])("%s", (_group, cases) => {
    test.each(cases.map((given) => [given.title, given] as const))(
      "%s",
      { timeout: TIMEOUT_MS },
      async (_title, given) => {
        const outcome = await benches.get(interpreter)!.run(given);
        const { error = null } = given;
        expect(outcome.error && { step: outcome.error.step, code: outcome.error.code }).toEqual(
          error && { step: error.step, code: error.code },
        );
        expect(outcome.error?.reason ?? "").toMatch(new RegExp(error?.says ?? "^$", "i"));
        expect(outcome.tables).toEqual(given.tables);
        expect(outcome.written).toEqual(given.written);
        expect(outcome.stored).toEqual(given.stored.map(({ rows }) => rows));
        expect(outcome.carriedOut.filter((step) => given.skipped.includes(step))).toEqual([]);
      },
    );
  });
});

test("the suite covers every module whose steps both interpreters carry out themselves", () => {
  const used = [...readPlanCases().values()]
    .flat()
    .flatMap(({ nodes }) => nodes.map(({ data }) => data.moduleId))
    .toSorted();
  expect([...new Set(used)]).toEqual([
    "aggregate",
    "branch",
    "clean",
    "csv-extractor",
    "csv-loader",
    "deduplicate",
    "fill-missing",
    "filter",
    "join",
    "json-extractor",
    "json-loader",
    "lookup",
    "map",
    "parquet-extractor",
    "parquet-loader",
    "pivot",
    "postgres-extractor",
    "postgres-loader",
    "remove-nulls",
    "rename-columns",
    "sort",
    "split",
    "split-by-condition",
    "sql-transform",
    "union",
    "unpivot",
    "validate",
  ]);
});

import { execFileSync } from "node:child_process";
import type { Plan } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { compilePlan, createModuleCatalogue, toAirflowFile } from "../src/index.ts";

const HOSTILE = '"""; import os; os.system("x")\n{{ macros }} {% x %} \u2028\\ \'\'\' 🙂';
const target = { runtime: "airfleet_runtime_0123abcd" };

const node = (id: string, type: string, moduleId: string, config: unknown) => ({
  id,
  type,
  data: { label: id, moduleId, config },
});

const planOf = (name: string, condition = "amount > 0"): Plan => {
  const { plan, findings } = compilePlan(
    {
      id: "0b9f3a52-7a44-4a70-8d7e-5f0a8b2f9c11",
      name,
      tags: [name],
      defaultParams: { note: name },
      config: {
        nodes: [
          node("read", "extractor", "csv-extractor", { path: "orders.csv" }),
          node("keep", "transformer", "filter", { condition }),
          node("way", "control", "branch", { ways: [{ output: "many", condition: "count(*) > 9" }], otherwise: "few" }),
          node("sum", "transformer", "aggregate", { aggregations: [{ function: "count", as: name }] }),
          node("a", "loader", "csv-loader", { file_path: "a.csv" }),
          node("b", "loader", "csv-loader", { file_path: "b.csv" }),
        ],
        edges: [
          { source: "read", target: "keep" },
          { source: "keep", target: "way" },
          { source: "way", target: "sum", sourceHandle: "many" },
          { source: "sum", target: "a" },
          { source: "way", target: "b", sourceHandle: "few" },
        ],
      },
    },
    { catalogue: createModuleCatalogue() },
  );
  if (plan === null) throw new Error(JSON.stringify(findings));
  return plan;
};

/** What Python sees in a file: the statements at its top, the names that it calls, and every text in it. */
const readAsPython = (text: string): { kinds: string[]; calls: string[]; texts: string[] } =>
  JSON.parse(
    execFileSync(
      "python3",
      [
        "-c",
        [
          "import ast, json, sys",
          "tree = ast.parse(sys.stdin.buffer.read())",
          "nodes = list(ast.walk(tree))",
          "calls = sorted({ast.unparse(n.func) for n in nodes if isinstance(n, ast.Call)})",
          "texts = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]",
          "print(json.dumps({'kinds': [type(n).__name__ for n in tree.body], 'calls': calls, 'texts': texts}))",
        ].join("\n"),
      ],
      { input: text },
    ).toString("utf8"),
  ) as { kinds: string[]; calls: string[]; texts: string[] };

describe("a file for Airflow", () => {
  test("holds what users wrote as data, whatever it is", () => {
    const { kinds, calls, texts } = readAsPython(toAirflowFile(planOf(HOSTILE), { ...target, editUrl: HOSTILE }).text);
    expect(kinds).toEqual(["Import", "ImportFrom", "Assign", "If", "ImportFrom", "With"]);
    expect(calls).toEqual(["control", "dirname", "extract", "load", "pipeline", "sys.path.append", "transform"]);
    expect(texts).toContain(HOSTILE);
  });

  test("is the same bytes for the same plan, and another artifact for another", () => {
    expect(toAirflowFile(planOf("Orders"), target)).toEqual(toAirflowFile(planOf("Orders"), target));
    const changed = toAirflowFile(planOf("Orders", "amount > 1"), target);
    expect(changed.hash).not.toBe(toAirflowFile(planOf("Orders"), target).hash);
    const moved = toAirflowFile(planOf("Orders"), { ...target, editUrl: "https://elsewhere.example.org" });
    expect(moved.hash).toBe(toAirflowFile(planOf("Orders"), target).hash);
  });

  test("is ASCII, names its pipeline at the top and its artifact in the documentation", () => {
    const { name, text, hash } = toAirflowFile(planOf("Été"), target);
    expect(name).toBe("pipeline_0b9f3a52_7a44_4a70_8d7e_5f0a8b2f9c11.py");
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text.split("\n")[0]).toBe("# Pipeline: \\xc9t\\xe9");
    expect(text).toContain(`ARTIFACT = "${hash}"`);
    expect(text).toContain("artifact=ARTIFACT,");
  });

  test("says which tasks follow each way of a branch, and puts tasks in their order", () => {
    const { text } = toAirflowFile(planOf("Orders"), target);
    expect(text).toContain('ways={"many": ["sum"], "few": ["b"]},');
    expect(
      text
        .split("\n")
        .filter((line) => line.includes(">>"))
        .map((line) => line.trim()),
    ).toEqual(["t0_read >> t1_keep", "t1_keep >> t2_way", "t2_way >> t3_b", "t2_way >> t4_sum", "t4_sum >> t5_a"]);
  });

  test("knows the node of each line of a task, and no node before the first and behind the last", () => {
    const plan = planOf(HOSTILE);
    const { text, lines } = toAirflowFile(plan, target);
    const rows = text.split("\n");
    const begun = lines.filter((line) => line.node !== null);
    expect(begun.map((line) => line.node)).toEqual(plan.steps.map((step) => step.node));
    for (const [index, { line }] of begun.entries()) expect(rows[line - 1]).toContain(`    t${index}_`);
    const last = lines.at(-1);
    expect(last?.node).toBeNull();
    expect(rows[(last?.line ?? 0) - 2]).toBe("    )");
  });
});

import { describe, expect, test } from "vitest";
import { compilePlan, createModuleCatalogue, toStepId } from "../src/index.ts";

const catalogue = createModuleCatalogue();
const nodes = [
  { id: "read", type: "extractor", data: { moduleId: "csv-extractor", config: { path: "orders.csv" } } },
  { id: "keep", type: "transformer", data: { moduleId: "filter", config: { condition: "amount > 0" } } },
  { id: "write", type: "loader", data: { moduleId: "csv-loader", config: { file_path: "out.csv" } } },
];
const edges = [
  { source: "read", target: "keep" },
  { source: "keep", target: "write" },
];
const id = "0b9f3a52-7a44-4a70-8d7e-5f0a8b2f9c11";
const compile = (config: unknown) => compilePlan({ id, name: "Orders", config }, { catalogue });
const stepsWithNeeds = (config: unknown) =>
  compile(config).plan?.steps.flatMap((step) => (step.needs === undefined ? [] : [step.id]));

describe("a plan", () => {
  test("has a step for each node, in an order in which they can run", () => {
    const { plan, findings } = compile({ nodes, edges });
    expect(findings).toEqual([]);
    expect(plan?.dagId).toBe("pipeline_0b9f3a52_7a44_4a70_8d7e_5f0a8b2f9c11");
    expect(plan?.steps.map(({ id: step, inputs }) => [step, inputs])).toEqual([
      ["read", []],
      ["keep", [{ name: "input", step: "read", output: "out" }]],
      ["write", [{ name: "input", step: "keep", output: "out" }]],
    ]);
  });

  test("is the same however the drawing is listed and laid out", () => {
    const moved = nodes
      .toReversed()
      .map((node, index) => ({ ...node, position: { x: index * 100, y: 7 }, selected: true }));
    expect(compile({ nodes: moved, edges: edges.toReversed() }).hash).toBe(compile({ nodes, edges }).hash);
  });

  test("changes when what is done changes", () => {
    const other = nodes.map((node) =>
      node.id === "keep" ? { ...node, data: { ...node.data, config: { condition: "amount > 1" } } } : node,
    );
    expect(compile({ nodes: other, edges }).hash).not.toBe(compile({ nodes, edges }).hash);
  });

  test("lets a union behind a branch go on with the ways that were taken, and no other step", () => {
    const union = { id: "both", type: "transformer", data: { moduleId: "union", config: {} } };
    const ways = { ways: [{ output: "many", condition: "count(*) > 9" }], otherwise: "few" };
    const branch = { id: "way", type: "control", data: { moduleId: "branch", config: ways } };
    const [read, keep, write] = nodes;
    const ends = [
      { source: "keep", target: "both", targetHandle: "a" },
      { source: "both", target: "write" },
    ];
    const behind = [
      { source: "read", target: "way" },
      { source: "way", target: "keep", sourceHandle: "many" },
      { source: "way", target: "both", sourceHandle: "few", targetHandle: "b" },
    ];
    const plain = [
      { source: "read", target: "keep" },
      { source: "read", target: "both", targetHandle: "b" },
    ];
    expect(stepsWithNeeds({ nodes: [read, branch, keep, union, write], edges: [...behind, ...ends] })).toEqual([
      "both",
    ]);
    expect(stepsWithNeeds({ nodes: [read, keep, union, write], edges: [...plain, ...ends] })).toEqual([]);
  });

  test("is not made of a pipeline with errors", () => {
    expect(compile({ nodes: nodes.slice(1), edges }).plan).toBeNull();
  });
});

describe("the id of a step", () => {
  test("is the node's where engines take it", () => {
    expect(toStepId("rest-api-extractor-1763455880430")).toBe("rest-api-extractor-1763455880430");
  });

  test("is made of the node's alone, and different for different nodes", () => {
    const ids = ["été 1", "ete 1", "a.b", "a b", "..", "", '"""', "x".repeat(500), "x".repeat(501)].map(toStepId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const step of ids) expect(step).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,119}$/);
  });
});

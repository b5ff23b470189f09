import { parsePipelineConfig } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { checkPipeline, compilePlan, createModuleCatalogue } from "../src/index.ts";

const catalogue = createModuleCatalogue();

interface Drawn {
  readonly id: string;
  readonly module: string;
  readonly config?: Record<string, unknown>;
}

const TYPES: Readonly<Record<string, string>> = { extractor: "extractor", loader: "loader", branch: "control" };

const node = ({ id, module, config = {} }: Drawn): Record<string, unknown> => ({
  id,
  type: TYPES[module.split("-").at(-1) ?? ""] ?? "transformer",
  position: { x: 0, y: 0 },
  data: { label: id, moduleId: module, config },
});

const edge = (source: string, target: string, handles: Record<string, string> = {}) => ({ source, target, ...handles });

const read = { id: "read", module: "csv-extractor", config: { path: "orders.csv" } };
const keep = { id: "keep", module: "filter", config: { condition: "amount > 0" } };
const write = { id: "write", module: "csv-loader", config: { file_path: "out.csv" } };
const chain = [edge("read", "keep"), edge("keep", "write")];

const check = (nodes: readonly unknown[], edges: readonly unknown[], params: Record<string, unknown> = {}) => {
  const { config, findings } = parsePipelineConfig({ nodes, edges });
  const checked = checkPipeline(config, {
    catalogue,
    params,
    connections: new Map([["warehouse", [{ kind: "postgres", where: "Airfleet" }]]]),
  });
  return [...findings, ...checked.findings];
};

const types = (findings: ReturnType<typeof check>): string[] => findings.map(({ type }) => type);

const many = (count: number) => Array.from({ length: count }, (_, index) => node({ ...read, id: `n${index}` }));

describe("a pipeline", () => {
  test("that is sound has no findings", () => {
    expect(check([read, keep, write].map(node), chain)).toEqual([]);
  });

  test("without nodes, reader or writer is told so in the words of older servers", () => {
    expect(check([], [])).toMatchObject([
      { type: "empty_pipeline", message: "Pipeline must contain at least one module", severity: "error" },
    ]);
    expect(check([node(keep)], []).map(({ type, message }) => ({ type, message }))).toEqual([
      { type: "missing_extractor", message: "Pipeline must start with at least one extractor" },
      { type: "missing_loader", message: "Pipeline must end with at least one loader" },
      { type: "missing_input", message: 'Nothing is connected to input "input" of node "keep" (filter).' },
      { type: "unused_output", message: 'Nothing is done with the rows of node "keep".' },
    ]);
    const alone = { id: "alone", module: "csv-extractor", config: { path: "x.csv" } };
    expect(check([read, keep, write, alone].map(node), chain)).toMatchObject([
      { type: "orphaned_nodes", message: "Found 1 disconnected nodes", severity: "warning", node: "alone" },
      { type: "unused_output", severity: "warning", node: "alone" },
    ]);
  });

  test("with a cycle is shown the way round", () => {
    const nodes = [read, keep, { ...keep, id: "again" }, write].map(node);
    const findings = check(nodes, [
      edge("read", "keep"),
      edge("keep", "again"),
      edge("again", "keep"),
      edge("again", "write"),
    ]);
    expect(findings.find(({ type }) => type === "cycle")?.message).toMatch(/keep → again → keep|again → keep → again/);
  });

  test("is told of edges into nothing, ids and edges that are there twice", () => {
    const findings = check([read, keep, keep, write].map(node), [
      ...chain,
      edge("keep", "nowhere"),
      edge("read", "keep"),
    ]);
    expect(types(findings)).toEqual(["duplicate_node", "dangling_edge", "duplicate_edge"]);
  });

  test("with an unknown module is told which was meant", () => {
    const [finding] = check([node(read), node({ id: "keep", module: "filtre" }), node(write)], chain);
    expect(finding).toMatchObject({
      type: "unknown_module",
      node: "keep",
      fix: 'Choose another module; did you mean "filter"?',
    });
  });

  test("has all its settings checked at once", () => {
    const findings = check(
      [
        node({ ...read, config: { path: "x", delimiter: "ab", skip_rows: -1, colour: "red" } }),
        node({ ...keep, config: {} }),
        node(write),
      ],
      chain,
    );
    expect(findings.map(({ type, node: id, field }) => [type, id, field])).toEqual([
      ["invalid_config", "read", "config.delimiter"],
      ["invalid_config", "read", "config.skip_rows"],
      ["invalid_config", "read", "config"],
      ["invalid_config", "keep", "config.condition"],
    ]);
  });

  test("needs its connections, of the right kind", () => {
    const from = (id: string) =>
      node({ id: "read", module: "postgres-extractor", config: { connection_id: id, query: "select 1" } });
    expect(check([from("warehouse"), node(keep), node(write)], chain)).toEqual([]);
    expect(check([from("elsewhere"), node(keep), node(write)], chain)).toMatchObject([
      { type: "missing_connection", field: "config.connection_id" },
    ]);
  });

  test("names inputs where a module has several, and never mixes them", () => {
    const other = { ...read, id: "other" };
    const join = { id: "both", module: "join", config: { on: ["id"] } };
    const nodes = [read, other, join, write].map(node);
    const unnamed = check(nodes, [edge("read", "both"), edge("other", "both"), edge("both", "write")]);
    expect(types(unnamed)).toEqual(["unnamed_input", "unnamed_input"]);
    const twice = check(nodes, [
      edge("read", "both", { targetHandle: "left" }),
      edge("other", "both", { targetHandle: "left" }),
      edge("both", "write"),
    ]);
    expect(types(twice)).toEqual(["too_many_inputs"]);
    const named = check(nodes, [
      edge("read", "both", { targetHandle: "left" }),
      edge("other", "both", { targetHandle: "right" }),
      edge("both", "write"),
    ]);
    expect(named).toEqual([]);
    const loose = check([read, other, write].map(node), [edge("read", "write"), edge("other", "write")]);
    expect(types(loose)).toEqual(["too_many_inputs"]);
  });

  test("must say which output an edge comes from where there are several", () => {
    const split = { id: "split", module: "split", config: {} };
    const nodes = [read, split, write].map(node);
    expect(types(check(nodes, [edge("read", "split"), edge("split", "write")]))).toContain("unknown_output");
    expect(check(nodes, [edge("read", "split"), edge("split", "write", { sourceHandle: "first" })])).toMatchObject([
      { type: "unused_output", severity: "warning", field: "outputs.second" },
    ]);
  });

  test("may use parameters everywhere, of the type of their default", () => {
    const nodes = [
      node({ ...read, config: { path: "{{ params.day }}.csv", skip_rows: "{{ params.skip }}" } }),
      node({ id: "keep", module: "sort", config: { by: [{ column: "a" }], limit: "{{ params.top }}" } }),
      node(write),
    ];
    const params = { day: "monday", skip: 2, top: 10 };
    expect(check(nodes, chain, params)).toEqual([]);
    expect(types(check(nodes, chain, { ...params, skip: -2 }))).toEqual(["invalid_config"]);
    expect(types(check(nodes, chain, { skip: 2, top: 10 }))).toEqual(["invalid_param"]);
    const { plan } = compilePlan(
      { id: "0", name: "x", config: { nodes, edges: chain }, defaultParams: params },
      { catalogue },
    );
    expect(plan?.steps.map(({ body }) => body)).toMatchObject([
      { kind: "read", options: { path: { $text: [{ $param: "day" }, ".csv"] }, skip_rows: { $param: "skip" } } },
      { kind: "sql", outputs: { out: { params: ["top"] } } },
      { kind: "write" },
    ]);
  });

  test("cannot name a column by a parameter", () => {
    const nodes = [
      node(read),
      node({ id: "keep", module: "sort", config: { by: [{ column: "{{ params.c }}" }] } }),
      node(write),
    ];
    expect(check(nodes, chain, { c: "x" })).toMatchObject([{ type: "invalid_param", severity: "error", node: "keep" }]);
  });

  test("in the shapes of older clients is read as well", () => {
    const nodes = [
      { id: "a", type: "extractor", module: "csv-extractor-1763455880430", config: { file_id: "f.csv" } },
      { id: "b", type: "transformer", data: { moduleType: "clean-transformer", config: {} } },
      { id: "c", type: "loader", data: { moduleId: "csv", config: { file_path: "o.csv" } } },
    ];
    expect(check(nodes, [edge("a", "b", { targetHandle: "input" }), edge("b", "c")])).toEqual([]);
  });

  test("that cannot be read is told where, and the rest is still checked", () => {
    const findings = check(
      [node(read), { id: "keep", type: "magic", data: {} }, 7, node(write)],
      [{ source: 1, target: "x" }],
    );
    expect(findings.filter(({ type }) => type === "not_readable").map(({ node: id, field }) => [id, field])).toEqual([
      ["keep", "type"],
      ["keep", "moduleId"],
      [null, "nodes.2"],
      [null, "source"],
    ]);
    expect(types(parse("nodes"))).toEqual(["not_readable", "empty_pipeline"]);
  });

  test("with 5,000 nodes is refused, and a thousand are checked in a moment", () => {
    expect(types(check(many(5_000), []))).toEqual(["too_large", "empty_pipeline"]);
    expect(check(many(1_000), []).length).toBeGreaterThan(1_000);
  });
});

const parse = (input: unknown) => {
  const { config, findings } = parsePipelineConfig(input);
  return [...findings, ...checkPipeline(config, { catalogue, params: {} }).findings];
};

import type { PipelineConfig, PipelineEdge, PipelineFinding, PipelineNode, StepBody } from "@airfleet/model";
import type { ModuleCatalogue } from "../modules/catalogue.ts";
import type { ConfiguredModule, ModuleDefinition } from "../modules/module-definition.ts";
import { checkConnections, type KnownConnections, type UsedConnection } from "./check-connections.ts";
import { checkWhole } from "./check-whole.ts";
import { type Connected, connectInputs } from "./connect-inputs.ts";
import { finding } from "./finding.ts";
import { orderNodes } from "./order-nodes.ts";
import { compileBody, readConfig } from "./read-config.ts";

/** A node about which nothing is left to ask. */
export interface CheckedNode {
  readonly node: PipelineNode;
  readonly module: ModuleDefinition;
  readonly inputs: readonly Connected[];
  readonly outputs: readonly string[];
  readonly body: StepBody;
}

export interface CheckedPipeline {
  readonly findings: readonly PipelineFinding[];
  /** In the order of the run; null when anything is wrong. */
  readonly nodes: readonly CheckedNode[] | null;
  /** What the nodes name, as far as it could be read. */
  readonly connections: readonly UsedConnection[];
  /** Names of the modules that were found, each once. */
  readonly modules: readonly string[];
}

export interface CheckOptions {
  readonly catalogue: ModuleCatalogue;
  /** The pipeline's `default_params`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Connections that there are; undefined when only whether any is named is to be checked. */
  readonly connections?: KnownConnections;
}

interface Placed {
  readonly node: PipelineNode;
  readonly module: ModuleDefinition;
  readonly configured: ConfiguredModule | null;
}

const findModule = (
  node: PipelineNode,
  { catalogue }: CheckOptions,
): { readonly module?: ModuleDefinition; readonly findings: readonly PipelineFinding[] } => {
  const { moduleId } = node.data;
  const module = catalogue.find(moduleId, node.type);
  if (module === undefined) {
    const meant = catalogue.suggest(moduleId);
    return {
      findings: [
        finding({
          type: "unknown_module",
          message: `Node "${node.id}" is of module "${moduleId}", which is not there.`,
          fix: `Choose another module; ${meant}`,
          node: node.id,
          field: "moduleId",
        }),
      ],
    };
  }
  if (module.type === node.type) return { module, findings: [] };
  return {
    module,
    findings: [
      finding({
        type: "wrong_node_type",
        message: `Node "${node.id}" is of type ${node.type}, and its module "${module.name}" is of type ${module.type}.`,
        fix: `Make the node's type ${module.type}, or choose another module.`,
        node: node.id,
        field: "type",
      }),
    ],
  };
};

const usesOf = ({ node, configured }: Placed): readonly UsedConnection[] =>
  (configured?.connections ?? []).map((use) => ({ ...use, node: node.id }));

/**
 * Checks a whole drawing and says everything that is wrong with it at once: where, and what to do.
 *
 * The size of the work is linear in nodes and edges.
 */
export const checkPipeline = (config: PipelineConfig, options: CheckOptions): CheckedPipeline => {
  const ordered = orderNodes(config);
  const findings: PipelineFinding[] = [...checkWhole(config), ...ordered.findings];
  const into = Map.groupBy(ordered.edges, ({ target }) => target);
  const from = Map.groupBy(ordered.edges, ({ source }) => source);
  const placed = new Map<string, Placed>();
  for (const node of ordered.nodes) {
    const found = findModule(node, options);
    findings.push(...found.findings);
    if (found.module === undefined) continue;
    const read = readConfig(node, found.module, options.params);
    findings.push(...read.findings);
    const place: Placed = { node, module: found.module, configured: read.module };
    placed.set(node.id, place);
  }
  const checked: CheckedNode[] = [];
  const outputsOf = (id: string): readonly string[] | undefined => placed.get(id)?.configured?.outputs;
  for (const { node, module, configured } of placed.values()) {
    const edges = into.get(node.id) ?? [];
    const ends = connectInputs({ node, module, edges, outputsOf });
    findings.push(...ends.findings);
    if (configured === null) continue;
    const outputs = module.type === "loader" ? [] : configured.outputs;
    findings.push(...checkOutputs(node, module, outputs, from.get(node.id) ?? []));
    const compiled = compileBody(node, configured, { inputs: ends.connected.map(({ input }) => input) });
    if ("finding" in compiled) findings.push(compiled.finding);
    else checked.push({ node, module, inputs: ends.connected, outputs, body: compiled.body });
  }
  const uses = [...placed.values()].flatMap(usesOf);
  const unnamed = uses.filter(({ id }) => id === "");
  findings.push(
    ...checkConnections(options.connections === undefined ? unnamed : uses, options.connections ?? new Map()),
  );
  const modules = [...new Set([...placed.values()].map(({ module }) => module.name))];
  const isSound = findings.every(({ severity }) => severity === "warning");
  return { findings, nodes: isSound ? checked : null, connections: uses, modules };
};

const checkOutputs = (
  node: PipelineNode,
  module: ModuleDefinition,
  outputs: readonly string[],
  edges: readonly PipelineEdge[],
): readonly PipelineFinding[] => {
  if (edges.length === 0 && outputs.length > 0) {
    const message = `Nothing is done with the rows of node "${node.id}".`;
    const fix = "Connect it to a loader, or remove it.";
    return [finding({ severity: "warning", type: "unused_output", message, fix, node: node.id })];
  }
  if (outputs.length < 2) return [];
  const used = new Set(edges.map(({ sourceHandle }) => sourceHandle ?? "out"));
  return outputs
    .filter((output) => !used.has(output))
    .map((output) =>
      finding({
        severity: "warning",
        type: module.type === "control" ? "unreachable_branch" : "unused_output",
        message: `Nothing is connected to output "${output}" of node "${node.id}".`,
        fix:
          module.type === "control"
            ? "Connect a node to it, or the run ends there."
            : "Connect a node to it, or its rows are dropped.",
        node: node.id,
        field: `outputs.${output}`,
      }),
    );
};

import type { PipelineConfig, PipelineEdge, PipelineFinding, PipelineNode } from "@airfleet/model";
import { finding } from "./finding.ts";

/** A drawing as a graph without contradictions: what contradicted is in the findings and left out. */
export interface OrderedNodes {
  /** Each after those that it reads from; otherwise as they are listed. Without those of a cycle. */
  readonly nodes: readonly PipelineNode[];
  readonly edges: readonly PipelineEdge[];
  readonly findings: readonly PipelineFinding[];
}

export const edgeName = (edge: PipelineEdge): string => edge.id ?? `${edge.source} → ${edge.target}`;

const withoutDoubles = (nodes: readonly PipelineNode[], findings: PipelineFinding[]): Map<string, PipelineNode> => {
  const byId = new Map<string, PipelineNode>();
  for (const node of nodes) {
    if (!byId.has(node.id)) byId.set(node.id, node);
    else {
      findings.push(
        finding({
          type: "duplicate_node",
          message: `Two nodes have the id "${node.id}".`,
          fix: "Give one of them another id.",
          node: node.id,
          field: "id",
        }),
      );
    }
  }
  return byId;
};

const withoutDangling = (
  edges: readonly PipelineEdge[],
  nodes: ReadonlyMap<string, PipelineNode>,
  findings: PipelineFinding[],
): readonly PipelineEdge[] => {
  const seen = new Set<string>();
  return edges.filter((edge) => {
    const missing = [edge.source, edge.target].filter((end) => !nodes.has(end));
    if (missing.length > 0) {
      findings.push(
        finding({
          type: "dangling_edge",
          message: `Edge ${edgeName(edge)} leads to "${missing.join('" and "')}", which is not there.`,
          fix: "Remove the edge, or connect it to a node.",
          edge: edgeName(edge),
        }),
      );
      return false;
    }
    const key = JSON.stringify([edge.source, edge.sourceHandle ?? null, edge.target, edge.targetHandle ?? null]);
    if (seen.has(key)) {
      findings.push(
        finding({
          severity: "warning",
          type: "duplicate_edge",
          message: `Edge ${edge.source} → ${edge.target} is there twice.`,
          fix: "Remove one of them; it counts once.",
          edge: edgeName(edge),
        }),
      );
      return false;
    }
    seen.add(key);
    return true;
  });
};

/** One way round among nodes that wait for each other. */
const findCycle = (stuck: ReadonlySet<string>, edges: readonly PipelineEdge[]): readonly string[] => {
  const path: string[] = [];
  let at: string | undefined = [...stuck][0];
  while (at !== undefined && !path.includes(at)) {
    path.push(at);
    const from: string = at;
    // Every stuck node has a stuck node before it: going backwards must come round.
    at = edges.find(({ source, target }) => target === from && stuck.has(source))?.source;
  }
  return at === undefined ? path : [...path.slice(path.indexOf(at)), at].toReversed();
};

/**
 * Puts the nodes into an order in which they can run. The order depends on the drawing alone, and stays when something
 * elsewhere in it changes.
 */
export const orderNodes = (config: PipelineConfig): OrderedNodes => {
  const findings: PipelineFinding[] = [];
  const byId = withoutDoubles(config.nodes, findings);
  const edges = withoutDangling(config.edges, byId, findings);
  const waiting = new Map([...byId.keys()].map((id) => [id, 0]));
  const after = Map.groupBy(edges, ({ source }) => source);
  for (const { target } of edges) waiting.set(target, (waiting.get(target) ?? 0) + 1);
  const ready = [...waiting].filter(([, count]) => count === 0).map(([id]) => id);
  const nodes: PipelineNode[] = [];
  for (let index = 0; index < ready.length; index += 1) {
    const id = ready[index] ?? "";
    const node = byId.get(id);
    if (node !== undefined) nodes.push(node);
    for (const { target } of after.get(id) ?? []) {
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  const stuck = new Set([...waiting].filter(([, count]) => count > 0).map(([id]) => id));
  if (stuck.size > 0) {
    const way = findCycle(stuck, edges);
    findings.push(
      finding({
        type: "cycle",
        message: `The pipeline has a cycle: ${way.join(" → ")}.`,
        fix: "Remove one of these edges.",
        node: way[0] ?? null,
      }),
    );
  }
  return { nodes, edges, findings };
};

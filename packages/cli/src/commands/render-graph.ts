import type { Client } from "@airfleet/sdk";
import { toPlainLine } from "../output/plain-text.ts";

type Graph = Awaited<ReturnType<Client["getDagGraph"]>>;

/** How far a task is from the beginning: the longest way to it. A cycle, which no engine should answer, ends the count. */
const layersOf = ({ nodes, edges }: Graph): ReadonlyMap<string, number> => {
  const layers = new Map(nodes.map(({ task_id }) => [task_id, 0]));
  for (let pass = 0; pass < nodes.length; pass += 1) {
    let hasMoved = false;
    for (const { source, target } of edges) {
      const wanted = (layers.get(source) ?? 0) + 1;
      if ((layers.get(target) ?? 0) >= wanted) continue;
      layers.set(target, wanted);
      hasMoved = true;
    }
    if (!hasMoved) break;
  }
  return layers;
};

/** A DAG as text: tasks in an order in which they can run, indented by how far they are from the start. */
export const renderGraph = (graph: Graph): string => {
  const layers = layersOf(graph);
  const nodes = graph.nodes.toSorted((a, b) => (layers.get(a.task_id) ?? 0) - (layers.get(b.task_id) ?? 0));
  return nodes
    .map(({ task_id, operator, is_mapped }) => {
      const next = graph.edges.filter((edge) => edge.source === task_id).map(({ target }) => target);
      const kind = operator === null ? "" : ` (${operator}${is_mapped ? ", mapped" : ""})`;
      const arrow = next.length === 0 ? "" : ` → ${next.join(", ")}`;
      return `${"  ".repeat(layers.get(task_id) ?? 0)}${toPlainLine(`${task_id}${kind}${arrow}`)}\n`;
    })
    .join("");
};
